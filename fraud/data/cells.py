"""One column of a dump as text or as a number, whatever it was stored as."""

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
    stripped = cell.cast(pl.String).str.strip_chars()
    present = pl.when(stripped != "").then(stripped)
    return present.map_batches(_without_point_zero, return_dtype=pl.String, is_elementwise=True)


def number(source: Source, column: str) -> pl.Expr:
    """The column as float64: null where empty, NaN where the text is no number."""
    dtype = source.dtypes[column]
    if dtype.is_numeric() or dtype == pl.Boolean:
        return pl.col(column).cast(pl.Float64)
    if dtype.is_temporal():
        raise DumpError(f"{source.dump.name}: column '{column}' holds {dtype}: expected numbers; give it another role")
    written = text(source, column)
    value = written.cast(pl.Float64, strict=False)
    return pl.when(value.is_null() & written.is_not_null()).then(float("nan")).otherwise(value)


def measure(source: Source, column: str) -> pl.Expr:
    """An extra number: as ``number``, but NaN in the dump means missing, as pandas writes it."""
    dtype = source.dtypes[column]
    if dtype.is_numeric():
        return pl.col(column).cast(pl.Float64).fill_nan(None)
    written = text(source, column) if not dtype.is_nested() else pl.lit(None)
    return pl.when(written.str.to_lowercase() != "nan").then(number(source, column))


def _without_point_zero(column: pl.Series) -> pl.Series:
    # A regular expression over every batch costs more than the question whether it is needed.
    if column.str.ends_with(".0").any():
        return column.str.replace(r"^(-?\d+)\.0$", "$1")
    return column
