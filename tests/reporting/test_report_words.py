"""Values as text: never more precise than the data, never 0 or 100 by rounding."""

import pytest

from fraud.reporting import words


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"kind": "alerts_per_day", "value": 100.0}, "at 100 alerts a day"),
        ({"kind": "alerts_per_day", "value": 1.0}, "at 1 alert a day"),
        ({"kind": "alert_rate", "value": 0.005}, "with alerts on 0.5\u202f% of the transactions"),
        ({"kind": "max_fpr", "value": 0.01}, "with alerts on at most 1.0\u202f% of the genuine transactions"),
        ({"kind": "min_precision", "value": 0.5}, "with fraud in at least 50 of 100 alerts"),
        ({"kind": "costs", "value": None, "review_cost": 5.0}, "at the lowest total cost, with 5 for each review"),
    ],
)
def test_every_policy_has_its_words(policy: dict[str, object], expected: str) -> None:
    assert words.operating_point(policy) == expected


@pytest.mark.parametrize(
    ("value_format", "value", "expected"),
    [
        ("of_100", 0.712, "71"),
        ("of_100", 0.001, "fewer than 1"),
        ("of_100", 0.999, "more than 99"),
        ("of_100", 1, "100"),
        ("points", -0.0713, "\u22127.1"),
        ("points", 0.0213, "+2.1"),
        ("points", -0.0001, "0.0"),
        ("whole_points", -0.071, "\u22127"),
        ("rate", 0.00837, "0.84\u202f%"),
        ("rate", 0.25, "25\u202f%"),
        ("count", 1754155, "1,754,155"),
        ("money", 1234.5, "1,234.50"),
        ("days", 7.0, "7\u202fdays"),
        ("days", 1.0, "1\u202fday"),
        ("days", 6.25, "6.2\u202fdays"),
        ("days", 0.25, "6\u202fhours"),
        ("number", 100.0, "100"),
        ("false_alarms", 0.25, "3.0"),
        ("false_alarms", 0, "\u2013"),
        ("decimal", 0.00004, "4.0 x 10^\u22125"),
        ("seconds", 31.4, "31\u202fs"),
        ("seconds", 600, "10\u202fmin"),
        ("probability", 0.0004, "< 0.001"),
        ("date", "2018-09-01T00:00:00+00:00", "1 September 2018"),
        ("date", "row 7", "row 7"),
    ],
)
def test_a_value_is_written_in_its_format(value_format: str, value: object, expected: str) -> None:
    assert words.FORMATS[value_format](value) == expected


@pytest.mark.parametrize("value_format", words.FORMATS)
def test_what_was_not_measured_is_a_dash(value_format: str) -> None:
    assert words.FORMATS[value_format](None) == words.NOTHING


def test_a_share_below_1_is_never_written_as_100_percent() -> None:
    for nearly in (0.9995, 0.99996, 0.999999):
        assert not words.percent(nearly).startswith("100")
    for hardly in (0.0004, 0.00001):
        assert float(words.percent(hardly).split("\u202f")[0]) > 0


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2018-09-01", "2018-09-30", "1 to 30 September 2018"),
        ("2018-08-25", "2018-09-30", "25 August to 30 September 2018"),
        ("2018-12-25", "2019-01-07", "25 December 2018 to 7 January 2019"),
        ("2018-09-01", "2018-09-01", "1 September 2018"),
    ],
)
def test_a_period_has_what_both_dates_share_once(first: str, last: str, expected: str) -> None:
    assert words.period(first, last) == expected
