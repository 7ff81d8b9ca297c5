"""Readers of files from outside: what they hold, row by row, and what in them cannot be read."""
