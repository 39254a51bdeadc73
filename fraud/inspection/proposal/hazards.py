"""What should not be stored, or distorts a report: personal data, repeated rows and repeated identities."""

from collections.abc import Mapping

import polars as pl

from fraud.data import ROW_NUMBER
from fraud.inspection.reading.sample import FILE, Sample
from fraud.inspection.roles.names import PERSONAL, words
from fraud.inspection.roles.profile import Profile
from fraud.privacy import POSSIBLE, are_card_numbers, hold_card_numbers

NEARLY_ALL_CELLS = 0.8
"""Share of the cells of a column that must have the form of a kind of personal data."""
VALID_BY_CHANCE = 0.3
"""Of long numbers that begin as card numbers do, one in ten passes the check of its digits by chance; above this share
some are card numbers."""
PROBED_VALUES = 2_000
_EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
_IP = r"^(\d{1,3}\.){3}\d{1,3}$|^([0-9a-fA-F]{0,4}:){4,7}[0-9a-fA-F]{0,4}$|^[0-9a-fA-F:]+::[0-9a-fA-F:]*$"
_PHONE = r"^(\+|00)[\d\s().\-/]{8,}$"


def personal_data(profiles: Mapping[str, Profile]) -> dict[str, str]:
    """Column -> the kind of personal data in it."""
    found = {}
    for name, profile in profiles.items():
        kind = _personal(name, profile)
        if kind:
            found[name] = kind
    return found


def _personal(name: str, profile: Profile) -> str | None:
    probed = profile.texts.drop_nulls().unique(maintain_order=True).head(PROBED_VALUES)
    if len(probed) >= 3 and are_card_numbers(probed).mean() >= NEARLY_ALL_CELLS:  # type: ignore[operator]
        return "card numbers (with valid check digits)"
    if (profile.kind == "text" or profile.whole_numbers) and (kind := _some_card_numbers(profile.texts)):
        return kind
    if len(probed) < 3:
        return None
    shapes = {"e-mail addresses": _EMAIL, "IP addresses": _IP, "phone numbers": _PHONE}
    for kind_by_shape, shape in shapes.items():
        if probed.str.contains(shape).mean() >= NEARLY_ALL_CELLS:  # type: ignore[operator]
            return kind_by_shape
    kind = next((PERSONAL[word] for word in words(name) if word in PERSONAL), None)
    if profile.kind == "number" and not probed.str.contains(r"^[\d -]{7,}$").all():
        return None
    letters = probed.str.contains(r"[A-Za-z]{2}").mean()
    return kind if kind and (kind != "names" or (letters or 0) >= NEARLY_ALL_CELLS) else None  # type: ignore[operator]


def _some_card_numbers(texts: pl.Series) -> str | None:
    """In how many cells a card number is, alone or within a remark or a payment reference; None for too few."""
    possible = texts.filter(texts.str.contains(POSSIBLE).fill_null(value=False))
    held = int(hold_card_numbers(possible).sum())
    if held <= VALID_BY_CHANCE * len(possible):
        return None
    return f"card numbers (with valid check digits) in {held:,} of {len(texts):,} cells"


def repeated_rows(sample: Sample) -> int:
    """Rows that equal an earlier one in every column, over all rows that are read."""
    rows = sample.source.frame.select(pl.struct(pl.exclude(ROW_NUMBER, FILE)).hash().alias("hash"))
    found = rows.select(pl.len() - pl.col("hash").n_unique()).collect(engine="streaming")
    return int(found.item())


def repeated_ids(sample: Sample, column: str) -> int:
    """Rows whose identity an earlier row has as well, over all rows that are read."""
    found = sample.source.frame.select(pl.col(column).count() - pl.col(column).drop_nulls().n_unique())
    return int(found.collect(engine="streaming").item())
