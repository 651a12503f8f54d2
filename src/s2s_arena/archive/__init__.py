"""Whole workspaces: checked against their own hashes, and carried to other machines."""
