"""Dump -> valid, stored transactions."""
