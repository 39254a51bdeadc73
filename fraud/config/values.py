"""Types of the values: what a number of days, a time zone or an encoding may be."""

import math
import re
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from fraud.config.faults import found
from fraud.text import nearest

MOST_DAYS = 36_500
"""A hundred years: more would leave the range of a timestamp."""
Value = TypeVar("Value")
LARGEST = 2**31 - 1
WINDOW_DAYS = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7}
_ADDRESS = re.compile(r"(s3|gs|az)://[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+")


def _name(text: str) -> str:
    if not text.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"must be letters, digits, '-' and '_' alone, {found(text)}")
    return text


def _address(value: Any) -> Any:
    # NOTE: the message leaves the value out: it may hold a password.
    if value is not None and not (isinstance(value, str) and _ADDRESS.fullmatch(value)):
        raise ValueError(
            "must be s3://, gs:// or az://, a bucket and a folder, of letters, digits, '.', '_' and '-' alone, as "
            "s3://bucket/cards; credentials belong into the environment"
        )
    return value


def _iso(value: Any) -> Any:
    """TOML has dates of its own, without quotes."""
    text = value.isoformat() if isinstance(value, date | datetime) else value
    try:
        datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"must be an ISO date, as '2018-09-01', {found(value)}") from None
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, KeyError, ValueError):
        hint = nearest(text, available_timezones())
        raise ValueError(f"must be a known time zone, as 'Europe/Brussels', {found(text)}{hint}") from None
    return text


def _encoding(text: str) -> str:
    try:
        "a".encode(text)
    except (LookupError, ValueError):  # base64, zlib and rot13 turn bytes into bytes or text into text
        raise ValueError(f"must be an encoding of text, as utf-16 or cp1252, {found(text)}") from None
    return text


def _separator(text: str) -> str:
    if len(text.encode()) != 1 or text in '"\r\n':
        raise ValueError(f"must be one ASCII character other than a quote or a line break, {found(text)}")
    return text


def _window(text: str) -> str:
    match = re.fullmatch(r"([0-9]{1,9})([mhdw])", text)
    if not match or not 0 < int(match[1]) * WINDOW_DAYS[match[2]] <= MOST_DAYS:
        raise ValueError(f"must be a number and m, h, d or w, as '7d', at most {MOST_DAYS:,} days; {found(text)}")
    return text


def _label_value(value: Any) -> Any:
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"must be text, a finite number, true or false, {found(value)}")
    return value


def _distinct(values: tuple[Value, ...]) -> tuple[Value, ...]:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"names {value!r} twice; name it once")
    return values


ColumnName = Annotated[str, Field(min_length=1)]
Name = Annotated[str, AfterValidator(_name)]
Address = Annotated[str | None, BeforeValidator(_address)]
IsoDate = Annotated[str, BeforeValidator(_iso)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Encoding = Annotated[str, AfterValidator(_encoding)]
Separator = Annotated[str, AfterValidator(_separator)]
HistoryWindow = Annotated[str, AfterValidator(_window)]
LabelValue = Annotated[str | int | float | bool, BeforeValidator(_label_value)]
Distinct = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Correction = Annotated[float, Field(ge=0, le=1)]
DistinctCorrections = Annotated[tuple[Correction, ...], AfterValidator(_distinct)]

Days = Annotated[float, Field(ge=0, le=MOST_DAYS)]
Length = Annotated[float, Field(gt=0, le=MOST_DAYS)]
"""Of a window: days, or a share of the transactions when below 1."""
Fraction = Annotated[float, Field(ge=0, lt=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Whole = Annotated[int, Field(ge=0, le=LARGEST)]
Count = Annotated[int, Field(ge=1, le=LARGEST)]
