"""Imports of records from outside, all through the commands, safe to repeat and to break off."""
