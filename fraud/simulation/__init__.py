"""Synthetic dumps: customers, merchants and their transactions, simulated day by day, and the frauds among them."""

from fraud.simulation.dumps import Simulation, simulate, write_dumps

__all__ = [
    "Simulation",
    "simulate",
    "write_dumps",
]
