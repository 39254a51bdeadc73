"""Columns that leak the label, and when frauds were reported."""
