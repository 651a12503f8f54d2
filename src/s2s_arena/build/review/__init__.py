"""Reviewing a suite: automatic checks, four people who keep or discard, cue identification, and the frozen result."""
