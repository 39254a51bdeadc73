"""What was found out about a dump -> a proposed configuration, its warnings and questions."""
