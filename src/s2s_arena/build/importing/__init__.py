"""Reading other people's suites: a folder of audio, the paper's scripts, any table, MTalk-Bench."""
