"""Blind voting pages and their JSON twins."""
