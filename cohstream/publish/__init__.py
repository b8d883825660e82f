"""What leaves the house: metrics, records, the digest, and the rules of safe disclosure."""
