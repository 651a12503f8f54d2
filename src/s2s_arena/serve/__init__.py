"""Blind voting pages for people, the researchers' desk, the live board, and their JSON twins."""
