"""Stands here so that tests of all packages can import the factories in this directory."""
