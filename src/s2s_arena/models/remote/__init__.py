"""Systems that answer over a network: one adapter per wire, each vendor's quirks as data."""
