"""Files as received -> rows of text or of types."""
