"""A new dump held against what is stored: its columns, its dates, the dates of its labels."""
