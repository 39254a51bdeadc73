"""How a role of the canonical table is computed from the columns of a dump, so that no cell is parsed twice."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class RoleExpressions:
    """Three steps; the expressions of each may use the columns of the steps before it."""

    cells: Mapping[str, pl.Expr]
    """Step 1, name -> column made from the dump: what the cells hold, null where they are empty."""
    value: pl.Expr
    """Step 2: the value of the role; null where there is none or it cannot be read."""
    unreadable: pl.Expr
    """Step 3: true where a cell is filled and cannot be read; the value is the column of the role's name."""
    expected: str
    """What a cell should have held, for messages."""


def cell(role: str) -> pl.Expr:
    """The column of step 1, of a role that is read from one column."""
    return pl.col(_cell_name(role))


def role_from_cells(role: str, cells: pl.Expr, value: pl.Expr, expected: str) -> RoleExpressions:
    """The expressions of a role that is read from one column; ``value`` is made of ``cell(role)``."""
    return RoleExpressions(
        {_cell_name(role): cells}, value, cell(role).is_not_null() & pl.col(role).is_null(), expected
    )


def _cell_name(role: str) -> str:
    return f"__{role}_cell"
