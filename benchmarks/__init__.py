"""Measurements of vnrepair; see README.md in this folder. Run as `python -m benchmarks.NAME`."""
