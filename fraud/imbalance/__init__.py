"""The heart: the strategies that treat the class imbalance."""
