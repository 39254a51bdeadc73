"""How an unknown dump is written, and its sampled rows."""
