"""What would make a report dishonest, or should not be stored: personal data, repeats, too little to judge by."""

from collections.abc import Mapping

import polars as pl

from fraud.data import ROW
from fraud.inspection.reading.sample import FILE, Sample
from fraud.inspection.roles.names import PERSONAL, words
from fraud.inspection.roles.profile import Profile
from fraud.privacy import POSSIBLE, are_card_numbers, hold_card_numbers

MOST = 0.8
"""Share of cells that must look like it."""
BY_CHANCE = 0.3
"""Of long numbers that begin as card numbers do one in ten passes their check by chance; clearly more are some."""
LOOK = 2_000
_EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
_IP = r"^(\d{1,3}\.){3}\d{1,3}$|^([0-9a-fA-F]{0,4}:){4,7}[0-9a-fA-F]{0,4}$|^[0-9a-fA-F:]+::[0-9a-fA-F:]*$"
_PHONE = r"^(\+|00)[\d\s().\-/]{8,}$"


def personal_data(profiles: Mapping[str, Profile]) -> dict[str, str]:
    """Column -> what it tells of persons."""
    found = {}
    for name, profile in profiles.items():
        kind = _personal(name, profile)
        if kind:
            found[name] = kind
    return found


def _personal(name: str, profile: Profile) -> str | None:
    look = profile.texts.drop_nulls().unique(maintain_order=True).head(LOOK)
    if len(look) >= 3 and are_card_numbers(look).mean() >= MOST:  # type: ignore[operator]
        return "card numbers (their check digits are right)"
    if (profile.kind == "text" or profile.whole_numbers) and (some := _some_card_numbers(profile.texts)):
        return some
    if len(look) < 3:
        return None
    shapes = {"e-mail addresses": _EMAIL, "IP addresses": _IP, "phone numbers": _PHONE}
    for shaped, shape in shapes.items():
        if look.str.contains(shape).mean() >= MOST:  # type: ignore[operator]
            return shaped
    kind = next((PERSONAL[word] for word in words(name) if word in PERSONAL), None)
    if profile.kind == "number" and not look.str.contains(r"^[\d -]{7,}$").all():
        return None
    letters = look.str.contains(r"[A-Za-z]{2}").mean()
    return kind if kind and (kind != "names" or (letters or 0) >= MOST) else None  # type: ignore[operator]


def _some_card_numbers(texts: pl.Series) -> str | None:
    """That some cells are card numbers, or longer texts with one in them: a remark, the reference of a payment."""
    possible = texts.filter(texts.str.contains(POSSIBLE).fill_null(value=False))
    held = int(hold_card_numbers(possible).sum())
    if held <= BY_CHANCE * len(possible):
        return None
    return f"card numbers (their check digits are right) in {held:,} of {len(texts):,} cells"


def repeated_rows(sample: Sample) -> int:
    """Rows that say the same as another one, to the last column; over all rows that are read."""
    rows = sample.source.frame.select(pl.struct(pl.exclude(ROW, FILE)).hash().alias("hash"))
    found = rows.select(pl.len() - pl.col("hash").n_unique()).collect(engine="streaming")
    return int(found.item())


def repeated_ids(sample: Sample, column: str) -> int:
    """Rows whose identity another row has as well."""
    found = sample.source.frame.select(pl.col(column).count() - pl.col(column).drop_nulls().n_unique())
    return int(found.collect(engine="streaming").item())
