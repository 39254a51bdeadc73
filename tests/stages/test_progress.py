from fraud.stages.progress import Progress, ignore, steps_of


def test_a_stage_begins_with_step_0_and_counts_from_there() -> None:
    events: list[Progress] = []
    with steps_of("compare", events.append, total=2) as step:
        step("encoded")
        step("trained")
    assert [(one.step, one.text) for one in events] == [(0, ""), (1, "encoded"), (2, "trained")]
    assert {(one.stage, one.total, one.is_result) for one in events} == {("compare", 2, False)}


def test_whoever_wants_no_progress_gets_none() -> None:
    steps = []
    with steps_of("ingest", ignore) as step:
        steps.append(step("read"))
    assert steps == [None]
