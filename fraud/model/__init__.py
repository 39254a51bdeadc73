"""Matrix + strategy -> trained bundle."""
