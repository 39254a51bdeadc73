"""Labels of dumps: what means fraud, what genuine, what unknown, and when it became known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fraud.config import ColumnsConfig, LabelsConfig, LabelSpec, TimeSpec
from fraud.errors import ConfigError, DumpError


def labels_of(desk, *cells: str, **spec: object) -> list[bool | None]:
    path = desk.csv(*(f"{n:03},2018-04-01,{cell}" for n, cell in enumerate(cells)), header="id,when,label")
    columns = ColumnsConfig(
        transaction_id="id", event_time=TimeSpec(column="when"), is_fraud=LabelSpec(column="label", **spec)
    )
    desk.ingest(path, columns=columns)
    return desk.stored("is_fraud")["is_fraud"].to_list()


@pytest.mark.parametrize(
    ("fraud", "genuine"),
    [("1", "0"), ("1.0", "0.0"), ("true", "false"), ("TRUE", "False"), ("fraud", "genuine"), ("Yes", "no"), ("T", "F")],
)
def test_the_usual_spellings_are_understood(desk, fraud, genuine):
    assert labels_of(desk, fraud, genuine, "", "unknown") == [True, False, None, None]


def test_the_mapping_says_what_a_value_means(desk):
    assert labels_of(desk, "2", "1", "0", "9.0", fraud=(1, 9), genuine=(0,), unknown=(2,)) == [None, True, False, True]


def test_words_are_compared_as_they_are_written(desk):
    assert labels_of(desk, "F", "f", fraud=("F",), genuine=("f",)) == [True, False]


def test_booleans_of_the_mapping_are_words_of_the_dump(desk):
    assert labels_of(desk, "True", "false", fraud=(True,), genuine=(False,)) == [True, False]


def test_what_the_mapping_leaves_out_keeps_its_usual_spelling(desk):
    assert labels_of(desk, "stolen", "genuine", "", fraud=("stolen",)) == [True, False, None]


def test_a_value_that_the_mapping_claims_loses_its_usual_meaning(desk):
    assert labels_of(desk, "1", "fraud", genuine=(1,)) == [False, True]


def test_unknown_may_claim_a_usual_spelling_too(desk):
    assert labels_of(desk, "0", "1", "genuine", unknown=(0,)) == [None, True, False]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"genuine": ("",)}, [True, False, False, None]),
        ({"fraud": (1,), "genuine": ("", "0")}, [True, False, False, None]),
        ({"unknown": ("",)}, [True, None, False, None]),
        ({"unknown": ("", "unknown")}, [True, None, False, None]),
        ({"fraud": ("",), "unknown": (1, "unknown")}, [None, True, False, None]),
    ],
)
def test_the_mapping_says_what_an_empty_cell_means_and_words_keep_their_meaning(desk, spec, expected):
    assert labels_of(desk, "1", "", "0", "unknown", **spec) == expected


def test_an_empty_cell_means_one_thing():
    with pytest.raises(ConfigError, match='has "", an empty cell, under genuine and unknown'):
        LabelSpec(column="label", genuine=("",), unknown=("",))


def test_a_message_says_that_an_empty_cell_was_expected_too(desk):
    with pytest.raises(
        DumpError, match=r"expected 1 for fraud, 0, false, .*, normal, an empty cell for genuine or nan"
    ):
        labels_of(desk, "1", "maybe", fraud=(1,), genuine=("",))


def test_a_corrected_mapping_makes_what_is_stored_as_unlabelled_genuine(desk):
    path = desk.csv("a,2018-04-01,1", "b,2018-04-02,", header="id,when,label")
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when"), is_fraud=LabelSpec(column="label"))
    desk.ingest(path, columns=columns)
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [True, None]
    desk.ingest(path, columns=replace(columns, is_fraud=LabelSpec(column="label", genuine=("",))))
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [True, False]


@pytest.mark.parametrize("cell", ["2", "maybe", "-1", "0.5"])
def test_a_value_outside_the_mapping_is_refused_with_its_row(desk, cell):
    with pytest.raises(
        DumpError, match=f"row 3: is_fraud is '{cell}', expected 1 for fraud, 0 for genuine or nan, null"
    ):
        labels_of(desk, "1", "0", cell, fraud=(1,), genuine=(0,))


def test_a_dump_without_labels_needs_none(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when"))
    result = desk.ingest(desk.csv("1,2018-04-01", header="id,when"), columns=columns)
    assert (result.dumps[0].labelled, result.dumps[0].frauds) == (0, 0)
    assert desk.stored("is_fraud", "label_time").rows() == [(None, None)]


def test_without_label_time_a_label_is_known_after_the_delay_and_no_label_never(desk):
    desk.ingest(desk.csv("1,2018-04-01,5,1,x", "2,2018-04-01,5,,x"), labels=LabelsConfig(delay_days=2.5))
    known, unknown = desk.stored("event_time", "label_time").rows()
    assert known[1] - known[0] == timedelta(days=2.5)
    assert unknown[1] is None


WITH_REPORT = ColumnsConfig(
    transaction_id="id",
    event_time=TimeSpec(column="when"),
    is_fraud=LabelSpec(column="fraud"),
    label_time=TimeSpec(column="reported"),
)


def test_label_time_comes_from_the_dump_and_from_the_delay_where_it_is_empty(desk):
    rows = ("1,2018-04-01,1,2018-04-03", "2,2018-04-01,0,", "3,2018-04-01,,2018-04-03")
    desk.ingest(desk.csv(*rows, header="id,when,fraud,reported"), columns=WITH_REPORT)
    days = [(label - event).days if label else None for event, label in desk.stored("event_time", "label_time").rows()]
    assert days == [2, 7, None]


def test_a_label_from_before_the_event_is_put_into_quarantine(desk):
    rows = ("1,2018-04-01,1,2018-04-01", "2,2018-04-02,1,2018-04-01")
    result = desk.ingest(desk.csv(*rows, header="id,when,fraud,reported"), columns=WITH_REPORT)
    assert (result.new, result.rejected_by_rule) == (1, {"label_time_not_before_event_time": 1})


def test_a_label_at_the_end_of_time_is_one_that_never_comes(desk):
    rows = ("1,2018-04-01,1,9999-12-31", "2,2018-04-01,1,2018-04-02")
    assert desk.ingest(desk.csv(*rows, header="id,when,fraud,reported"), columns=WITH_REPORT).rejected == 0


def test_an_unreadable_label_time_is_refused(desk):
    rows = ("1,2018-04-01,1,2018-04-03", "2,2018-04-01,1,soon")
    with pytest.raises(DumpError, match="row 2: label_time is 'soon', expected a time written as %Y-%m-%d"):
        desk.ingest(desk.csv(*rows, header="id,when,fraud,reported"), columns=WITH_REPORT)
