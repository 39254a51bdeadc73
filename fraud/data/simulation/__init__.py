"""Synthetic transactions: a population, a world that lives one day at a time, and the frauds in it.

``fraud.data.simulate`` is the door; nothing outside this package imports from here directly.
"""
