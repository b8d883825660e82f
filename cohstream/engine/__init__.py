"""The four steps, pure: intake, fuse, assess, tally, over a small in-memory ledger."""
