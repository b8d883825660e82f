"""Bounded replays: historical reports in an order of time, into a run of their own, to be compared and exported."""
