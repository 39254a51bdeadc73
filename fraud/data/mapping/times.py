"""Times of a dump, however they are written, as expressions of type datetime[us, UTC]."""

from datetime import UTC, datetime, timedelta

import polars as pl

from fraud.config import TimeSpec
from fraud.data.contract import TIMESTAMP
from fraud.data.mapping.role import RoleExpressions, cell, role_from_cells
from fraud.data.mapping.time_formats import TimeParser, check_format, infer_format
from fraud.data.mapping.values import as_number, as_text
from fraud.data.reading.source import ROW_NUMBER, Source
from fraud.errors import ConfigError, DumpError

MICROSECONDS_PER_UNIT = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
FINER = ("d", "h", "min", "s", "ms", "us")
ROW_ORDER_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LABEL_TIME = "label_time"
"""The role whose dates are taken at their end: on which day a label became known, not when on that day."""
SAMPLE_ROWS = 1000
"""First non-empty values from which the format is inferred; every other value must follow it."""
YEARS = (1900, 2200)
"""Numbers that are taken for years rather than days."""


def read_time(source: Source, spec: TimeSpec, *, role: str, row_offset: int) -> RoleExpressions:
    """The times of one role.

    * no column: 2000-01-01 plus as many seconds as the row's number plus ``row_offset``;
    * one column: times as they are; numbers times ``unit`` since ``origin``; text in ``format`` or in the one format
      that fits (day before month or the reverse is decided by the whole column, never guessed);
    * several columns, of which all but the first are numbers: the first (``unit``, days if left out, or a date) and
      finer units after it: day and hour, or date, hour and minute;
    * several columns else: joined by a blank and read as one text, such as a date and a time of day; where the last
      is digits alone, as ``%H%M%S`` or ``%H%M`` of the format, zeros that it lacks in front are put there.

    Naive times are meant in ``timezone``; of the hour that a clock change repeats, the first is taken.

    A ``label_time`` that names a day or a month without a time is known when that has ended, lest a label be used
    hours before anybody had it.

    Raises:
        ConfigError: a format that polars cannot use.
        DumpError: not a time, a number without a unit, or a date that may be read in two ways.
    """
    if spec.is_row_order:
        seconds = pl.duration(seconds=pl.col("dump_row") + row_offset)
        return RoleExpressions({}, (pl.lit(ROW_ORDER_EPOCH) + seconds).cast(TIMESTAMP), pl.lit(value=False), "any row")
    if spec.format:
        check_format(spec.format, role)
    if len(spec.sources) > 1:
        return _read_several(source, spec, role)
    return _read_one(source, spec, role, spec.sources[0])


def is_monthly(spec: TimeSpec) -> bool:
    """True where only months are known: a format without days, or a column of months that counts as days."""
    if spec.format:
        return TimeParser(spec.format).span == "1mo"
    return spec.unit == "d" and "month" in (spec.column or "").lower()


def _read_one(source: Source, spec: TimeSpec, role: str, column: str) -> RoleExpressions:
    dtype = source.dtypes[column]
    if dtype in (pl.Datetime, pl.Date) and not spec.format:
        if spec.unit:
            raise DumpError(
                f"{source.dump.name}: column '{column}' holds times already, so unit = '{spec.unit}' of {role} "
                "cannot apply; take it out"
            )
        span = "1d" if dtype == pl.Date and role == LABEL_TIME else None
        times = _to_utc(cell(role), dtype, spec.timezone, span=span)
        return role_from_cells(role, pl.col(column), times, f"a time that exists in {spec.timezone}")
    if spec.unit:
        return _since_origin(source, spec, role, spec.unit)
    if dtype.is_numeric() and not spec.format:
        raise DumpError(_needs_unit(source, role, column))
    return _read_text(source, spec, role, as_text(source, column))


def _read_text(source: Source, spec: TimeSpec, role: str, written: pl.Expr) -> RoleExpressions:
    sample = _sample(source, written)
    if not spec.format and len(sample) and sample["text"].cast(pl.Float64, strict=False).null_count() == 0:
        compact = sample["text"].str.contains(r"^(19|20|21)\d{6}(\d{4}|\d{6})?$").all()
        if not compact:
            raise DumpError(_needs_unit(source, role, " ".join(spec.sources)))
    parse = TimeParser(spec.format or _inferred(source, role, written, sample))
    parsed = cell(role).map_batches(parse, return_dtype=parse.dtype, is_elementwise=True)
    zone = "" if spec.timezone == "UTC" else f" and existing in {spec.timezone}"
    expected = f"a time written as {parse.pattern}{zone}, as the other rows are"
    times = _to_utc(parsed, parse.dtype, spec.timezone, span=parse.span if role == LABEL_TIME else None)
    return role_from_cells(role, written, times, expected)


def _inferred(source: Source, role: str, written: pl.Expr, sample: pl.DataFrame) -> str:
    return infer_format(
        sample["text"],
        whole=lambda: source.frame.select(text=written),
        where=_where(source, role),
        first_row=sample[ROW_NUMBER][0] if len(sample) else 0,
    )


def _read_several(source: Source, spec: TimeSpec, role: str) -> RoleExpressions:
    first, *rest = spec.sources
    if spec.format or not all(_holds_numbers(source, column) for column in rest):
        texts = [as_text(source, column) for column in spec.sources]
        texts[-1] = _with_zeros(texts[-1], (spec.format or "").rpartition(" ")[2])
        return _read_text(source, spec, role, pl.concat_str(texts, separator=" "))
    if _holds_numbers(source, first):
        unit = spec.unit or "d"
        if not spec.unit:
            _check_not_years(source, spec, role)
        base = _since_origin(source, spec, role, unit)
    else:
        unit, base = "d", _read_one(source, spec, role, first)
    finer = FINER[FINER.index(unit) + 1 :]
    if len(rest) > len(finer):
        raise ConfigError(
            f"[columns] {role}: {len(rest)} columns after '{first}' are finer than its unit '{unit}' allows"
        )
    cells, value = dict(base.cells), base.value
    for column, smaller in zip(rest, finer, strict=False):
        name = f"__{role}_{smaller}"
        cells[name] = as_number(source, column)
        value = value + _microseconds(pl.col(name), smaller)
    expected = f"{base.expected}, then numbers of {', '.join(finer[: len(rest)])}"
    complete = pl.all_horizontal(pl.col(name).is_not_null() for name in cells)
    return RoleExpressions(cells, value, complete & pl.col(role).is_null(), expected)


def _with_zeros(written: pl.Expr, pattern: str) -> pl.Expr:
    """A time of day in digits alone, its zeros in front put back: a number has lost those of 012337."""
    digits = {"%H%M%S": 6, "%H%M": 4}.get(pattern)
    if digits is None:
        return written
    return pl.when(written.str.contains(r"^\d+$")).then(written.str.zfill(digits)).otherwise(written)


def _since_origin(source: Source, spec: TimeSpec, role: str, unit: str) -> RoleExpressions:
    column = spec.sources[0]
    since = as_number(source, column, nan_is_missing=source.dtypes[column].is_numeric())
    times = pl.lit(_origin(spec)).cast(TIMESTAMP) + _microseconds(cell(role), unit)
    return role_from_cells(role, since, times, f"a number of {unit} since {spec.origin}")


def _microseconds(amount: pl.Expr, unit: str) -> pl.Expr:
    finite = pl.when(amount.is_finite()).then(amount * MICROSECONDS_PER_UNIT[unit])
    return finite.round().cast(pl.Int64, strict=False).cast(pl.Duration("us"))


def _to_utc(times: pl.Expr, dtype: pl.DataType, timezone: str, *, span: str | None = None) -> pl.Expr:
    """In UTC; of a ``span`` that begins at each time, its last moment."""
    micros = times.cast(pl.Datetime("us", getattr(dtype, "time_zone", None)))
    if span:
        micros = micros.dt.offset_by(span) - pl.lit(timedelta(microseconds=1))
    if getattr(dtype, "time_zone", None):
        return micros.dt.convert_time_zone("UTC")
    if timezone == "UTC":
        return micros.dt.replace_time_zone("UTC")
    local = micros.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _sample(source: Source, written: pl.Expr) -> pl.DataFrame:
    head = source.frame.select(ROW_NUMBER, text=written).filter(pl.col("text").is_not_null()).head(SAMPLE_ROWS)
    return head.collect(engine="streaming").sort(ROW_NUMBER)


def _holds_numbers(source: Source, column: str) -> bool:
    dtype = source.dtypes[column]
    if dtype != pl.String:
        return dtype.is_numeric()
    sample = _sample(source, as_text(source, column))["text"]
    return len(sample) > 0 and sample.cast(pl.Float64, strict=False).null_count() == 0


def _check_not_years(source: Source, spec: TimeSpec, role: str) -> None:
    head = source.frame.select(year=as_number(source, spec.sources[0])).head(SAMPLE_ROWS).collect()
    first = head["year"].drop_nulls()
    if len(first) and first.is_between(*YEARS).all():
        raise DumpError(
            f"{_where(source, role)}: column '{spec.sources[0]}' seems to hold years, expected days; "
            "set format = '%Y %m %d' if it does, unit = 'd' if not"
        )


def _origin(spec: TimeSpec) -> datetime:
    origin = datetime.fromisoformat(spec.origin)
    return origin.replace(tzinfo=UTC) if origin.tzinfo is None else origin.astimezone(UTC)


def _where(source: Source, role: str) -> str:
    return f"{source.dump.name}: {role}"


def _needs_unit(source: Source, role: str, column: str) -> str:
    return (
        f"{_where(source, role)}: column '{column}' holds numbers: expected a unit (us, ms, s, min, h or d) and an "
        f"origin; set {role} = {{column = '{column}', unit = 's', origin = '2013-09-01'}}, or a format"
    )
