"""Which columns of a dump hold card numbers."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig
from fraud.data.findings import Finding
from fraud.privacy import POSSIBLE, hold_card_numbers


def find_card_numbers(staged: Sequence[Path], columns: ColumnsConfig) -> tuple[Finding, ...]:
    """One warning that names the columns with card numbers and how many each holds; none where there are none.

    Args:
        staged: Parquet files of canonical rows.
        columns: roles of their columns.
    """
    if not staged:
        return ()
    kind = ["fraud_type"] if columns.fraud_type else []
    names = ["transaction_id", *columns.entity_names, *columns.categorical, *kind]
    rows = pl.scan_parquet(list(staged))
    possible = [rows.select(name).filter(pl.col(name).str.contains(POSSIBLE)) for name in names]
    found = pl.collect_all(possible, engine="streaming")
    counts = {name: int(hold_card_numbers(frame[name]).sum()) for name, frame in zip(names, found, strict=True)}
    named = ", ".join(f"{count:,} in {name}" for name, count in counts.items() if count)
    if not named:
        return ()
    advice = "masked in every output; to store none, set [privacy] pseudonymise = true and a new [dataset] name"
    return (Finding("warning", f"card numbers (an issuer's digits that pass Luhn's check): {named}; {advice}"),)
