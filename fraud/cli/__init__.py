"""The command line: one file a stage. Parse, call the library, show."""
