"""Exports of the log in forms that other programs read."""
