"""The live driver: Faust agents on Kafka, fed by record batches, with state that survives a crash."""

import cohstream.live.no_auto_create  # noqa: F401 (for what it does)
