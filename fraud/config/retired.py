"""Keys of earlier versions: a configuration that still has them is read, and a warning says that they do nothing."""

import warnings
from collections.abc import Mapping
from typing import Any

from fraud.errors import RetiredKeyWarning

RETIRED = {
    ("training", "patience"): (
        "no network is stopped early any more: all run max_steps steps and keep the weights of their best check on "
        "validation; lower max_steps where training takes too long"
    ),
    ("comparison", "resamples"): "intervals are computed without resampling",
}
"""Section and key -> why there is none any more."""


def without_retired(sections: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The sections without keys that do nothing any more, each of which is warned about.

    Args:
        sections: as ``tomllib`` returns them.
        source: what warnings call the file.
    """
    kept = dict(sections)
    for (section, key), reason in RETIRED.items():
        values = kept.get(section)
        if isinstance(values, Mapping) and key in values:
            kept[section] = {name: value for name, value in values.items() if name != key}
            text = f"{source} [{section}]: {key} has no effect; {reason}; delete the line"
            warnings.warn(text, RetiredKeyWarning, stacklevel=4)
    return kept
