"""Which of two labels of one transaction wins, where the data has the time at which a label became known."""

from datetime import timedelta

import polars as pl

UNKNOWN_PRECEDENCE, PRESUMED_PRECEDENCE = -(2**63), -(2**63) + 1
"""Of no label at all, and of one that nobody reported: below every moment."""


def presumed(default_delay: timedelta, *, suffix: str = "") -> pl.Expr:
    """Whether a label is genuine and its time is the default, ``event_time + default_delay``.

    Nobody reported such a label: its row was genuine when the dump was made, and its cell for the time was empty. It is
    recognised by its time, as no mark is stored. So a genuine label reported for that very moment counts as presumed
    too, and one stored under another ``delay_days`` does not.

    Args:
        default_delay: used for a label_time that is left out.
        suffix: behind the names of the columns.
    """
    default = pl.col(f"event_time{suffix}") + pl.lit(default_delay)
    genuine = pl.col(f"is_fraud{suffix}") == pl.lit(value=False)
    return (genuine & (pl.col(f"label_time{suffix}") == default)).fill_null(value=False)


def precedence(default_delay: timedelta, *, suffix: str = "") -> pl.Expr:
    """Sort key (Int64): of two labels the one with the larger key wins.

    Microseconds of ``label_time``; below all of them a presumed genuine label, and below that no label.

    Args:
        default_delay: used for a label_time that is left out.
        suffix: behind the names of the columns.
    """
    moment = pl.col(f"label_time{suffix}").to_physical().fill_null(UNKNOWN_PRECEDENCE)
    return pl.when(presumed(default_delay, suffix=suffix)).then(PRESUMED_PRECEDENCE).otherwise(moment)
