"""Which column has which role."""
