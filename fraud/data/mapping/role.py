"""A role of the canonical table, read from a dump in steps, so that no cell is parsed twice."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class RoleExpressions:
    """Three steps, each of which sees the columns of those before it."""

    cells: Mapping[str, pl.Expr]
    """Columns to make of the dump's: what the cells hold, null where they are empty."""
    value: pl.Expr
    """The value of the role; null where there is none or it cannot be read."""
    unreadable: pl.Expr
    """True where something is there and cannot be read; may look at the value, under the role's name."""
    expected: str
    """What a cell should have held, for messages."""


def cell(role: str) -> pl.Expr:
    """The column of the cells of a role that is read from one column."""
    return pl.col(_cell_name(role))


def reading(role: str, cells: pl.Expr, value: pl.Expr, expected: str) -> RoleExpressions:
    """The reading of a role from one column; ``value`` looks at ``cell(role)``."""
    return RoleExpressions(
        {_cell_name(role): cells}, value, cell(role).is_not_null() & pl.col(role).is_null(), expected
    )


def _cell_name(role: str) -> str:
    return f"__{role}_cell"
