"""Mapped rows -> valid rows; broken ones go to the quarantine with every rule they broke."""
