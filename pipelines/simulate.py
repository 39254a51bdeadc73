"""Write synthetic dumps."""
