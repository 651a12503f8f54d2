"""Licences by name: which may be published, and which one a collection inherits."""

import re
from collections.abc import Iterable

_BY, _SA, _NC = "attribution", "share-alike", "non-commercial"

TERMS: dict[str, frozenset[str]] = {
    "CC0-1.0": frozenset(),
    "MIT": frozenset({_BY}),
    "BSD-3-Clause": frozenset({_BY}),
    "Apache-2.0": frozenset({_BY}),
    "CC-BY-3.0": frozenset({_BY}),
    "CC-BY-4.0": frozenset({_BY}),
    "CC-BY-SA-3.0": frozenset({_BY, _SA}),
    "CC-BY-SA-4.0": frozenset({_BY, _SA}),
    "CC-BY-NC-3.0": frozenset({_BY, _NC}),
    "CC-BY-NC-4.0": frozenset({_BY, _NC}),
    "CC-BY-NC-SA-3.0": frozenset({_BY, _NC, _SA}),
    "CC-BY-NC-SA-4.0": frozenset({_BY, _NC, _SA}),
}
"""SPDX name -> what it demands, least strict first. Licences that forbid changes (ND) are not here: clips are
levelled, cut and mixed, so nothing under them can be part of a suite that is passed on."""

_PLAIN = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in TERMS} | {
    "cc0": "CC0-1.0",
    "cczero": "CC0-1.0",
    "publicdomain": "CC0-1.0",
    "apache2": "Apache-2.0",
    "apachelicense20": "Apache-2.0",
    "bsd3": "BSD-3-Clause",
    "ccby": "CC-BY-4.0",
    "ccbysa": "CC-BY-SA-4.0",
    "ccbync": "CC-BY-NC-4.0",
    "ccbyncsa": "CC-BY-NC-SA-4.0",
}


def spdx(name: str) -> str | None:
    """The SPDX name of a licence however it is written; None if it is unknown or may not be passed on.

    Names without a version count as the latest: a rights holder who writes "CC BY" means one of them.
    """
    return _PLAIN.get(re.sub(r"[^a-z0-9]", "", name.lower()))


def refusal(name: str) -> str:
    """Why audio under a licence of that name is not published; "" if it may be."""
    if spdx(name):
        return ""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if plain.startswith("ccby") and "nd" in plain:
        return f"licence {name!r} forbids changes, and clips of a suite are changed"
    return f"licence {name!r} is unknown"


def strictest(names: Iterable[str]) -> str:
    """The licence that a collection inherits from the parts in it.

    It demands all that any part demands: the strictest part's own licence if that covers all, else the Creative
    Commons licence with the terms of all (CC BY-SA beside CC BY-NC gives CC BY-NC-SA). Each part keeps its own.

    Raises:
        ValueError: No name, or one that `spdx` does not know.
    """
    found = []
    for name in names:
        known = spdx(name)
        if known is None:
            raise ValueError(f"{refusal(name)}; give a licence that may be passed on")
        found.append(known)
    if not found:
        raise ValueError("no licence given; a collection has at least one part")
    order = list(TERMS)
    wanted = frozenset[str]().union(*(TERMS[name] for name in found))
    strict = max(found, key=lambda name: (len(TERMS[name]), order.index(name)))
    if TERMS[strict] == wanted:
        return strict
    return max((name for name in TERMS if TERMS[name] == wanted), key=order.index)
