"""The embedded driver: files in, SQLite state, JSON Lines out. No Kafka."""
