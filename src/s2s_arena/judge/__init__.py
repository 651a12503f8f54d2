"""Matches to verdicts."""
