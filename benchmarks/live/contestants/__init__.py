"""The programs that are measured, each a process of its own: ``python -m benchmarks.live.contestants.<name>``.

They take their settings from the environment as ``cohstream worker`` does, and run until they are killed.
"""
