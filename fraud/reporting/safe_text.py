"""Text from the data, made fit to be looked at: nothing invisible, nothing that turns the line around, nothing endless.

Escaping is the templates' part; this is about letters that no escaping makes harmless to a reader.
"""

from typing import Any

from fraud.text import readable

LONGEST = 160
"""Letters of a name; longer ones are cut with an ellipsis."""
WHOLE = frozenset({"text", "question", "warnings", "notes", "config_toml"})
"""Keys whose texts are prose or listings and stay whole."""


def presentable(document: Any, *, whole: bool = False) -> Any:
    r"""The same JSON document with every text fit to be shown.

    Control characters and marks that change the direction of writing become U+FFFD; long names are cut.

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
