"""Where records, events and audio are kept: SQLite, or memory for tests."""
