"""Labels of a dump as fraud, genuine or unknown."""

from collections.abc import Sequence

import polars as pl

from fraud.config.columns import LabelSpec
from fraud.data.cells import text
from fraud.data.readers import Source
from fraud.data.times import Reading

FRAUD = ("1", "true", "t", "yes", "y", "fraud", "fraudulent")
GENUINE = ("0", "false", "f", "no", "n", "genuine", "legit", "legitimate", "normal")
UNKNOWN = ("nan", "null", "none", "na", "n/a", "unknown", "?")
Value = str | int | float | bool


def read_label(source: Source, spec: LabelSpec) -> Reading:
    """``is_fraud`` as boolean: null where nobody knows yet, which an empty cell always means.

    Values are compared as text, numbers by value. What the mapping leaves empty is understood by its usual
    spellings, whatever their case.
    """
    written = text(source, spec.column)
    claimed = [*spec.fraud, *spec.genuine, *spec.unknown]
    fraud = _means(written, spec.fraud, FRAUD, claimed)
    genuine = _means(written, spec.genuine, GENUINE, claimed)
    unknown = _means(written, spec.unknown, UNKNOWN, claimed)
    value = pl.when(fraud).then(pl.lit(value=True)).when(genuine).then(pl.lit(value=False))
    expected = (
        f"{_list(spec.fraud, FRAUD)} for fraud, {_list(spec.genuine, GENUINE)} for genuine or "
        f"{_list(spec.unknown, UNKNOWN)} for unknown"
    )
    return Reading(value, written.is_not_null() & ~(fraud | genuine | unknown), expected)


def _list(values: Sequence[Value], spellings: Sequence[str]) -> str:
    return ", ".join(map(str, values or spellings))


def _means(written: pl.Expr, values: Sequence[Value], spellings: Sequence[str], claimed: Sequence[Value]) -> pl.Expr:
    if values:
        return _equals(written, values)
    usual = written.str.to_lowercase().is_in(spellings)
    number = written.cast(pl.Float64, strict=False)
    numbers = [float(spelling) for spelling in spellings if spelling in "01"]
    usual = usual | number.is_in(numbers).fill_null(value=False)
    return usual & ~_equals(written, claimed) if claimed else usual


def _equals(written: pl.Expr, values: Sequence[Value]) -> pl.Expr:
    booleans = [str(value).lower() for value in values if isinstance(value, bool)]
    texts = [str(value).strip() for value in values if not isinstance(value, bool)]
    numbers = [value for value in map(_as_number, texts) if value is not None]
    same = written.is_in(texts) | written.str.to_lowercase().is_in(booleans)
    return same | written.cast(pl.Float64, strict=False).is_in(numbers).fill_null(value=False)


def _as_number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
