"""docs/own-data.md is what the dataclasses say, and each key says what it means."""

import dataclasses

import pytest
from write_config_page import PAGE, SHAPES, config_page

from fraud.config import RunConfig
from fraud.config.reference import defaults_of, meanings_of

OWNERS = [*(entry.type for entry in dataclasses.fields(RunConfig)), *(shape for shape, _ in SHAPES.values())]


def test_the_page_is_what_the_dataclasses_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == config_page(), "run scripts/write_config_page.py"


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_every_key_says_what_it_means(owner: type) -> None:
    assert set(meanings_of(owner)) == set(defaults_of(owner))
