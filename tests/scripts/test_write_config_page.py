"""docs/own-data.md is what the configuration's classes state, and each key has a meaning."""

from pathlib import Path

import pytest
from write_config_page import PAGE, SHAPES, main

from fraud.config import meanings_of, section_classes

OWNERS = [*section_classes().values(), *(shape for shape, _ in SHAPES.values())]


def test_the_page_is_what_the_classes_state(tmp_path: Path) -> None:
    main(tmp_path / "own-data.md")
    written = (tmp_path / "own-data.md").read_text(encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written, "run scripts/write_config_page.py"


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_every_key_has_a_meaning(owner: type) -> None:
    assert not [key for key, meaning in meanings_of(owner).items() if not meaning]
