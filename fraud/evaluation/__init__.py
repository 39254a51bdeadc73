"""Scores + labels -> evidence."""
