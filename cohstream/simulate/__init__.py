"""Invented load, drawn like the documented reports."""

from cohstream.simulate.stream import simulate

__all__ = ["simulate"]
