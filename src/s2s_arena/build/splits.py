"""The two parts of a suite as the paper builds it: seed samples, and those grown from them."""

from s2s_arena.records.samples import Sample

SPLITS = ("seed", "augment")
ATTRIBUTE = "split"
"""Attribute of a sample that names its split."""

GROWN = "self-instruction"
"""Source of the scripts that `suite augment` grows."""


def split_of(sample: Sample) -> str:
    """The split of a sample, one of `SPLITS`: the one it names, else by its source; any other sample is a seed."""
    named = sample.attributes.get(ATTRIBUTE, "")
    if named in SPLITS:
        return named
    return "augment" if sample.provenance.source == GROWN else "seed"
