"""``python -m cohstream``."""

from cohstream.cli import main

main()
