"""Stored transactions -> point-in-time feature table -> float32 matrix."""
