"""Self-instruction: a writer grows a suite from seed scripts, one checked script at a time."""
