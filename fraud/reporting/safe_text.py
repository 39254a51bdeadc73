"""Text from the data, made safe to read: no invisible characters, no changes of direction, no endless names.

Templates do the escaping; this handles characters that escaping leaves as they are.
"""

from typing import Any

from fraud.text import readable

LONGEST = 160
"""Most characters of a name; longer ones are shortened with an ellipsis."""
WHOLE = frozenset({"text", "question", "warnings", "notes", "config_toml"})
"""Keys whose texts are sentences or listings and are never shortened."""


def presentable(document: Any, *, whole: bool = False) -> Any:
    r"""The same JSON document with every text safe to show.

    Control characters and marks that change the direction of writing become U+FFFD; long names are shortened.

    Args:
        document: as ``json.loads`` returns it.
        whole: texts in this part are not shortened.

    >>> presentable({"name": "abc\u202etxt"}) == {"name": "abc\ufffdtxt"}
    True
    """
    if isinstance(document, dict):
        return {readable(key): presentable(value, whole=whole or key in WHOLE) for key, value in document.items()}
    if isinstance(document, list):
        return [presentable(value, whole=whole) for value in document]
    if isinstance(document, str):
        text = readable(document)
        return text if whole or len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return document
