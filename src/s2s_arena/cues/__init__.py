"""What can be heard in one utterance, and where each instrument that hears it is valid."""
