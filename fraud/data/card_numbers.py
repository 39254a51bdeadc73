"""Card numbers among the identifiers of the data: found by the column, counted, masked in every output."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from fraud.config.columns import ColumnsConfig
from fraud.data.findings import Finding
from fraud.privacy import CARD_LENGTHS, ISSUED, RUN, mask, mask_card_numbers

SHAPE = rf"^\s*[0-9](?:[ -]*[0-9]){{{CARD_LENGTHS.start - 1},{CARD_LENGTHS.stop - 2}}}\s*$"
"""So many digits, perhaps with blanks or hyphens between them."""


def are_card_numbers(values: pl.Series) -> pl.Series:
    """Which texts pass as card numbers, as ``fraud.privacy.is_card_number`` says of each; false for null.

    >>> are_card_numbers(pl.Series(["4111 1111 1111 1111", "4111111111111112", None])).to_list()
    [True, False, False]
    """
    found = values.str.contains(SHAPE).fill_null(value=False)
    if found.any():
        places = found.arg_true()
        digits = values.gather(places).str.replace_all(r"[^0-9]", "")
        found = found.scatter(places, digits.str.contains(ISSUED) & _pass_luhn(digits))
    return found


def mask_card_numbers_in(values: pl.Series) -> pl.Series:
    """The column with every card number masked, in longer texts as well: its first six and last four digits stay."""
    masked = _replace(values, mask)
    places = (masked.str.contains(RUN) & ~masked.str.contains(SHAPE)).arg_true()
    if places.is_empty():
        return masked
    return masked.scatter(places, [mask_card_numbers(text) for text in masked.gather(places).to_list()])


def replace_card_numbers(column: pl.Expr, replace: Callable[[str], str]) -> pl.Expr:
    """A column in which every card number is replaced, and nothing else."""
    return column.map_batches(lambda values: _replace(values, replace), return_dtype=pl.String, is_elementwise=True)


def find_card_numbers(staged: Sequence[Path], columns: ColumnsConfig) -> tuple[Finding, ...]:
    """One warning that says which columns hold card numbers, and how many; none where none does.

    Args:
        staged: Parquet files of canonical rows.
        columns: roles of their columns.
    """
    if not staged:
        return ()
    kind = ["fraud_type"] if columns.fraud_type else []
    names = ["transaction_id", *columns.entity_names, *columns.categorical, *kind]
    rows = pl.scan_parquet(list(staged))
    shaped = [rows.select(name).filter(pl.col(name).str.contains(SHAPE)) for name in names]
    found = pl.collect_all(shaped, engine="streaming")
    counts = {name: int(are_card_numbers(frame[name]).sum()) for name, frame in zip(names, found, strict=True)}
    said = ", ".join(f"{count:,} in {name}" for name, count in counts.items() if count)
    if not said:
        return ()
    advice = "masked in every output; to store none, set [privacy] pseudonymise = true and a new [dataset] name"
    return (Finding("warning", f"card numbers (an issuer's digits that pass Luhn's check): {said}; {advice}"),)


def _replace(values: pl.Series, replace: Callable[[str], str]) -> pl.Series:
    found = are_card_numbers(values)
    if not found.any():
        return values
    places = found.arg_true()
    return values.scatter(places, [replace(value) for value in values.gather(places).to_list()])


def _pass_luhn(values: pl.Series) -> pl.Series:
    """Luhn's check (ISO/IEC 7812) of digits: every second one from the right is doubled."""
    padded = values.str.zfill(CARD_LENGTHS.stop)
    digits = np.frombuffer("".join(padded.to_list()).encode(), dtype=np.uint8).reshape(len(values), -1) - ord("0")
    doubled = digits[:, ::-1][:, 1::2] * 2
    total = digits[:, ::-1][:, ::2].sum(axis=1, dtype=int) + (doubled - 9 * (doubled > 9)).sum(axis=1, dtype=int)
    return pl.Series(total % 10 == 0)
