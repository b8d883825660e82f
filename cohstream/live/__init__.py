"""The live driver: Faust agents on Kafka, fed by record batches, with state that survives a crash."""
