"""Pairs of answers of which it is known which is worse, and in what."""
