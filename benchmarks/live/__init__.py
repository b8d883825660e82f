"""The live driver on a real Kafka, measured beside its peers: ``make bench-live``, ``docs/benchmarks-live.md``."""
