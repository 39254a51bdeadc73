"""Drift: whether the data has changed since the champion was trained."""
