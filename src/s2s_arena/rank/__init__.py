"""Standings as tables."""
