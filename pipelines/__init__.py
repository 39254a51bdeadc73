"""Runnable stages, thin: parse, call the library, write. One file a stage."""
