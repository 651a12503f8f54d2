"""A study as a paper prints it: booktabs tables, figures, a methods paragraph and a bibliography."""
