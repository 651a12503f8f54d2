"""Language tags that a script may carry: BCP 47 with a known primary tag."""

import re

# ISO 639-1, plus the three-letter codes of Cantonese and Filipino, which speech systems use.
_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so
sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
yue fil
"""

PRIMARY = frozenset(_CODES.split())
"""Primary tags that are accepted."""

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def primary(tag: str) -> str:
    """The language of a tag without script and region: `zh` of `zh-Hans-CN`."""
    return tag.split("-", 1)[0].lower()


def known(tag: str) -> bool:
    """Whether the tag is well-formed and its language is one we know."""
    return bool(_TAG.fullmatch(tag)) and primary(tag) in PRIMARY


def spaced(tag: str) -> bool:
    """Whether the language separates words by spaces."""
    return primary(tag) not in {"zh", "yue", "ja", "th", "lo", "km", "my"}
