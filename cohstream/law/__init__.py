"""Agreements as data: model, loader, evaluation, coverage policies."""
