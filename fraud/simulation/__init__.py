"""Synthetic transactions: a population, a world that lives one day at a time, and the frauds in it.

``fraud.simulation.dumps`` is the door; nothing outside this package imports from here directly.
"""

from fraud.simulation.dumps import Simulation, write_dumps

__all__ = [
    "Simulation",
    "write_dumps",
]
