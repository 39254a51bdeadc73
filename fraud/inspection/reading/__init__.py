"""How an unknown dump is written."""
