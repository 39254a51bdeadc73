"""Synthetic transactions: a population, a world that lives one day at a time, and the frauds in it."""

from fraud.simulation.dumps import Simulation, simulate, write_dumps

__all__ = [
    "Simulation",
    "simulate",
    "write_dumps",
]
