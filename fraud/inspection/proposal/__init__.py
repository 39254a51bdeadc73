"""What was found out about a dump -> a proposed config, its warnings and open questions."""
