"""Valid rows -> a versioned table (Delta Lake)."""
