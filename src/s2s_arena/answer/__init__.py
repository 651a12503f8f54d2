"""Samples times systems to responses."""
