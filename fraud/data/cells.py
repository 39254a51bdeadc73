"""One column of a dump as text or as a number, whatever it was stored as.

Text is cleaned batch by batch, and only where a batch asks for it: a question to a million cells costs less than
rewriting them.
"""

from functools import partial

import polars as pl

from fraud.data.readers import Source
from fraud.errors import DumpError

EXACT_INTEGERS = 2.0**53
"""Below it a float holds every whole number."""


def text(source: Source, column: str) -> pl.Expr:
    """The column as text without outer blanks, null where nothing is left; whole numbers without ``.0``.

    ``1`` and ``1.0`` are one identity: pandas turns integers into floats as soon as one of them is missing.

    Raises:
        DumpError: the column holds lists or structures.
    """
    dtype, cell = source.dtypes[column], pl.col(column)
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise DumpError(
            f"{source.dump.name}: column '{column}' holds {dtype}: expected text, numbers or times; flatten it first"
        )
    if dtype.is_float():
        whole = (cell == cell.round()) & (cell.abs() < EXACT_INTEGERS)
        written = cell.fill_nan(None).cast(pl.String)
        return pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(written)
    if dtype.is_integer() or dtype.is_temporal() or dtype == pl.Boolean:
        return cell.cast(pl.String)
    return cell.cast(pl.String).map_batches(_clean, return_dtype=pl.String, is_elementwise=True)


def number(source: Source, column: str) -> pl.Expr:
    """The column as float64: null where empty, NaN where the text is no number."""
    return _number(source, column, nan_is_missing=False)


def measure(source: Source, column: str) -> pl.Expr:
    """As ``number``, but a NaN in the dump means missing, as pandas writes it."""
    return _number(source, column, nan_is_missing=True)


def _number(source: Source, column: str, *, nan_is_missing: bool) -> pl.Expr:
    dtype, cell = source.dtypes[column], pl.col(column)
    if dtype.is_temporal():
        raise DumpError(f"{source.dump.name}: column '{column}' holds {dtype}: expected numbers; give it another role")
    if dtype.is_numeric() or dtype == pl.Boolean:
        value = cell.cast(pl.Float64)
        return value.fill_nan(None) if nan_is_missing else value
    parse = partial(_parse_numbers, nan_is_missing=nan_is_missing)
    return text(source, column).map_batches(parse, return_dtype=pl.Float64, is_elementwise=True)


def _clean(column: pl.Series) -> pl.Series:
    stripped = column.str.strip_chars()
    if (stripped.str.len_bytes() == 0).any():
        stripped = stripped.set(stripped.str.len_bytes() == 0, None)
    if stripped.str.ends_with(".0").any():
        stripped = stripped.str.replace(r"^(-?\d+)\.0$", "$1")
    return stripped


def _parse_numbers(column: pl.Series, *, nan_is_missing: bool) -> pl.Series:
    values = column.cast(pl.Float64, strict=False)
    if nan_is_missing and values.is_nan().any():
        values = values.fill_nan(None)
        column = column.set(column.str.to_lowercase().str.strip_prefix("-") == "nan", None)
    if values.null_count() > column.null_count():
        values = values.set(values.is_null() & column.is_not_null(), float("nan"))
    return values
