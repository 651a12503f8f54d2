"""Training heads: labelled clips, fitting with nested selection, and speech of known delivery to train on."""
