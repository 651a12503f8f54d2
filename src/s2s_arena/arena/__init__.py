"""Which match is played next, and the one desk at which verdicts are accepted."""
