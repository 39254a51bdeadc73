"""Keep the model good: registry, promotion, scoring."""
