"""Voices, ears and minds, filed by model family."""
