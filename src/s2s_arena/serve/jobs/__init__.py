"""Work on suites beside voting: review, verification, identification and recording."""
