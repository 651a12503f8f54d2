"""Votes from files of any known shape: recognised, checked row by row, nothing dropped in silence."""
