"""The nouns and vocabularies: report, claim, incident, assessment, tally. No I/O, no clock."""
