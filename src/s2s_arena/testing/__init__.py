"""Scripted models and loopback servers that users can rehearse with."""
