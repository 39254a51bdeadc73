"""Columns of a dump -> roles of the canonical table, cell by cell."""
