"""Dated facts: actors, sources, places; lookups and their data."""
