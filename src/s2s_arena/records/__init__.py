"""Frozen values that stages exchange through the store; no behaviour beyond what a value knows of itself."""
