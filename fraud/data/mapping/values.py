"""One column of a dump as text or as a number, whatever it was stored as.

Text is cleaned batch by batch, and only where a batch needs it: a thousand cells are tested in less time than they are
rewritten.
"""

import re
from functools import partial

import polars as pl

from fraud.data.reading.source import Source
from fraud.errors import DumpError

_SIGN = r"[-+\u2212]?\s*"
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON "
    "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH "
    "UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
"""Currency codes of ISO 4217, recent former ones included; any other three letters are no currency."""
_CODE = rf"(?:{_CODES.replace(' ', '|')}|(?i:EUR|USD|GBP|CHF))"
_MARK = r"(?:[A-Z]{1,3})?\p{Sc}"
# NOTE: a code ends in a blank: in PLN-03 and MOP118 the letters belong to a name, and the hyphen is no minus.
_BEFORE = rf"(?:{_MARK}\s*{_SIGN}|{_CODE}\s+{_SIGN})?"
_BEHIND = rf"(?:{_MARK}|{_CODE})?"
_BLANK = r"[\s\u00a0\u202f'\u2019_]"
EXACT_INTEGERS = 2.0**53
"""Below it a float holds every whole number."""


def as_text(source: Source, column: str) -> pl.Expr:
    """The column as text without outer blanks, null where that is empty; whole numbers without ``.0``.

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
    stripped = cell.cast(pl.String).str.strip_chars()
    return stripped.map_batches(_clean, return_dtype=pl.String, is_elementwise=True)


def as_number(source: Source, column: str, *, nan_is_missing: bool = False) -> pl.Expr:
    """The column as float64: null where empty, infinite where the text is no number.

    Plain numbers alone, unless the dump's text names the mark of its decimals: then thousands marks, currency signs
    and an accountant's minus (behind the number, or brackets around it) are understood as well.

    Args:
        source: the dump.
        column: one of its columns.
        nan_is_missing: whether a NaN means an empty cell, as pandas writes it.

    Raises:
        DumpError: the column holds times, lists or structures.
    """
    value = _as_number(source, column)
    return value.fill_nan(None) if nan_is_missing else value


def _as_number(source: Source, column: str) -> pl.Expr:
    dtype, cell = source.dtypes[column], pl.col(column)
    if dtype.is_temporal():
        raise DumpError(f"{source.dump.name}: column '{column}' holds {dtype}: expected numbers; give it another role")
    if dtype.is_numeric() or dtype == pl.Boolean:
        return cell.cast(pl.Float64)
    written = cell if dtype == pl.String else as_text(source, column)
    decimal = source.dump.text.decimal
    parse = partial(parse_numbers, decimal=decimal) if decimal else _parse_plain_numbers
    return written.map_batches(parse, return_dtype=pl.Float64, is_elementwise=True)


def _clean(column: pl.Series) -> pl.Series:
    if (column == "").any():
        column = column.set(column == "", None)
    if column.str.ends_with(".0").any():
        column = column.str.replace(r"^(-?\d+)\.0$", "$1")
    return column


def _parse_plain_numbers(column: pl.Series) -> pl.Series:
    values = column.cast(pl.Float64, strict=False)
    if values.null_count() == column.null_count():
        return values
    written = _clean(column.str.strip_chars())
    values = written.cast(pl.Float64, strict=False)
    return values.set(values.is_null() & written.is_not_null(), float("inf"))


def parse_numbers(column: pl.Series, decimal: str) -> pl.Series:
    """Numbers as people write them: null where empty, infinite where the text is no number of this kind.

    >>> parse_numbers(pl.Series(["$1,234.50", "(12)", "1.234,5", None]), ".").to_list()
    [1234.5, -12.0, inf, None]
    """
    written = _clean(column.str.strip_chars())
    found = written.to_frame("text").select(
        digits=pl.col("text").str.extract(_pattern(decimal), 1),
        negative=pl.col("text").str.contains(r"^\(|^[^\d]*[-\u2212]|[-\u2212]$"),
        text=pl.col("text"),
    )
    marks = re.escape("," if decimal == "." else ".")
    plain = pl.col("digits").str.replace_all(f"{_BLANK}|{marks}", "").str.replace(decimal, ".", literal=True)
    value = plain.cast(pl.Float64, strict=False)
    signed = pl.when("negative").then(-value).otherwise(value)
    missing = pl.col("digits").is_null() & pl.col("text").is_not_null()
    return found.select(pl.when(missing).then(float("inf")).otherwise(signed)).to_series()


def _pattern(decimal: str) -> str:
    """A whole number of this kind, its digits and marks as the first group."""
    point, mark = (r"\.", ",") if decimal == "." else (",", r"\.")
    grouped = rf"\d{{1,3}}(?:(?:{mark}|{_BLANK})\d{{3}})+"
    indian = rf"\d{{1,2}}(?:{mark}\d{{2}})+{mark}\d{{3}}"
    digits = rf"(?:(?:{grouped}|{indian}|\d+)(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?"
    return rf"^\(?{_SIGN}{_BEFORE}({digits})\s*{_BEHIND}\s*\)?[-\u2212]?$"
