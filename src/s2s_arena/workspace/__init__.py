"""The folder a user works in: arena.toml, database, audio, cards, reports."""
