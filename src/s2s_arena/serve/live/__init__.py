"""The board that follows every vote, kept up vote by vote, as values."""
