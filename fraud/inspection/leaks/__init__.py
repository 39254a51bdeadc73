"""Columns that give the label away."""
