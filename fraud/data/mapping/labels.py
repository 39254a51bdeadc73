"""Labels of a dump as fraud, genuine or unknown."""

from collections.abc import Sequence

import polars as pl

from fraud.config import LabelSpec
from fraud.data.mapping.role import RoleExpressions, cell, role_from_cells
from fraud.data.mapping.values import as_text
from fraud.data.reading.source import Source

FRAUD_SPELLINGS = ("1", "true", "t", "yes", "y", "fraud", "fraudulent")
GENUINE_SPELLINGS = ("0", "false", "f", "no", "n", "genuine", "legit", "legitimate", "normal")
UNKNOWN_SPELLINGS = ("nan", "null", "none", "na", "n/a", "unknown", "?")
EMPTY_CELL = ""
"""Means, in the mapping, a cell that is empty."""
UNKNOWN_CODE = 2
"""Code of a value that the mapping does not know; 0 is genuine, 1 fraud."""
TEXT = "text"
Value = str | int | float | bool


def read_label(source: Source, spec: LabelSpec) -> RoleExpressions:
    """``is_fraud`` as boolean: null where nobody knows yet, as an empty cell means unless the mapping has it elsewhere.

    Values are compared as text, numbers by value. What the mapping leaves empty is understood by its usual
    spellings, whatever their case.
    """
    expected = (
        f"{_list(spec.fraud, FRAUD_SPELLINGS)} for fraud, {_list(spec.genuine, GENUINE_SPELLINGS)} for genuine or "
        f"{_list(spec.unknown, UNKNOWN_SPELLINGS)} for unknown"
    )
    coder = _Coder(spec)
    written = as_text(source, spec.column)
    codes = written.map_batches(coder, return_dtype=pl.UInt8, is_elementwise=True)
    if EMPTY_CELL in spec.genuine or EMPTY_CELL in spec.fraud:
        meant = pl.lit(int(EMPTY_CELL in spec.fraud), dtype=pl.UInt8)
        codes = pl.when(written.is_null()).then(meant).otherwise(codes)
    label = pl.when(cell("is_fraud") < UNKNOWN_CODE).then(cell("is_fraud") == 1)
    return role_from_cells("is_fraud", codes, label, expected)


class _Coder:
    """Texts -> 1, 0, null or ``UNKNOWN_CODE``."""

    def __init__(self, spec: LabelSpec) -> None:
        sides = [_filled(values) for values in (spec.fraud, spec.genuine, spec.unknown)]
        claimed = [value for values in sides for value in values]
        usual = zip(sides, (FRAUD_SPELLINGS, GENUINE_SPELLINGS, UNKNOWN_SPELLINGS), strict=True)
        fraud, genuine, unknown = (_means(values, spellings, claimed) for values, spellings in usual)
        known = pl.when(fraud).then(1).when(genuine).then(0).when(unknown).then(None)
        self._code = known.otherwise(UNKNOWN_CODE).cast(pl.UInt8)
        likely = pl.Series(TEXT, sorted({"0", "1", *map(str, claimed)}))
        self._likely = [pair for pair in zip(likely, self._codes_of(likely), strict=True) if pair[1] in (0, 1)]

    def __call__(self, column: pl.Series) -> pl.Series:
        """One code a text."""
        codes = pl.lit(None, dtype=pl.UInt8)
        for value, code in self._likely:
            codes = pl.when(pl.col(TEXT) == value).then(pl.lit(code, dtype=pl.UInt8)).otherwise(codes)
        quick = column.to_frame(TEXT).select(codes).to_series()
        if quick.null_count() == column.null_count():
            return quick
        texts = column.drop_nulls().unique()  # tested once for each different text rather than for every row
        return column.replace_strict(texts, self._codes_of(texts), default=None, return_dtype=pl.UInt8)

    def _codes_of(self, texts: pl.Series) -> pl.Series:
        return texts.to_frame(TEXT).select(self._code).to_series()


def _filled(values: Sequence[Value]) -> list[Value]:
    """The values without that of an empty cell, beside which the usual spellings keep their meaning."""
    return [value for value in values if value != EMPTY_CELL]


def _list(values: Sequence[Value], spellings: Sequence[str]) -> str:
    empty = ["an empty cell"] if EMPTY_CELL in values else []
    return ", ".join(map(str, [*(_filled(values) or spellings), *empty]))


def _means(values: Sequence[Value], spellings: Sequence[str], claimed: Sequence[Value]) -> pl.Expr:
    if values:
        return _equals(values)
    usual = pl.col(TEXT).str.to_lowercase().is_in(spellings) | _equals([text for text in spellings if text in "01"])
    return usual & ~_equals(claimed)


def _equals(values: Sequence[Value]) -> pl.Expr:
    booleans = [str(value).lower() for value in values if isinstance(value, bool)]
    texts = [str(value).strip() for value in values if not isinstance(value, bool)]
    numbers = pl.Series([_as_number(text) for text in texts], dtype=pl.Float64).drop_nulls()
    same = pl.col(TEXT).is_in(pl.Series(texts, dtype=pl.String).implode())
    same = same | pl.col(TEXT).str.to_lowercase().is_in(pl.Series(booleans, dtype=pl.String).implode())
    return same | pl.col(TEXT).cast(pl.Float64, strict=False).is_in(numbers.implode()).fill_null(value=False)


def _as_number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
