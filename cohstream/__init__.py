"""cohstream: reports of ceasefire violations in, per-party counts under the agreement's own terms out."""

__version__ = "0.1.0"
