"""Absolute scores for suites that are not arenas."""
