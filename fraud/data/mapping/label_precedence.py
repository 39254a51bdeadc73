"""Which of two labels of a transaction stands, where the data says itself when its labels became known."""

from datetime import timedelta

import polars as pl

UNKNOWN, PRESUMED = -(2**63), -(2**63) + 1
"""Standing of no label at all, and of one that nobody reported: below every moment."""


def presumed(default_delay: timedelta, *, suffix: str = "") -> pl.Expr:
    """Whether a label is genuine and its time only the usual one, ``event_time + default_delay``.

    Nobody reported such a label: its row was genuine when the dump was made, and its cell for the time was empty. The
    time tells it: no mark is stored. So a genuine label told for that very moment counts as presumed too, and one
    stored under another ``delay_days`` does not.

    Args:
        default_delay: what stands for a label_time that is left out.
        suffix: behind the names of the columns.
    """
    usual = pl.col(f"event_time{suffix}") + pl.lit(default_delay)
    genuine = pl.col(f"is_fraud{suffix}") == pl.lit(value=False)
    return (genuine & (pl.col(f"label_time{suffix}") == usual)).fill_null(value=False)


def standing(default_delay: timedelta, *, suffix: str = "") -> pl.Expr:
    """Of two labels the one of higher standing (Int64) is true: the later known, and a presumed one below all told."""
    moment = pl.col(f"label_time{suffix}").to_physical().fill_null(UNKNOWN)
    return pl.when(presumed(default_delay, suffix=suffix)).then(PRESUMED).otherwise(moment)
