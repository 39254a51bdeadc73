"""Evidence -> pages people read."""
