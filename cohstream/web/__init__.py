"""The live page, its data and its events, over one ledger."""
