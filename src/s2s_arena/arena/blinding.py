"""Names for audio that tell nothing: a token per match and side, which only the holder of the secret can trace."""

import hashlib

from s2s_arena.records.identity import MatchId

SIDES = ("first", "second")


def token(match: MatchId, side: str, *, secret: bytes) -> str:
    """The name under which one side of one match is served: 32 hex digits.

    The same answer has another token in every match, so that listeners cannot recognise a system by its files.

    Args:
        match: The match.
        side: `first` or `second` (or `instruction`).
        secret: At least 16 bytes that never leave the server.

    Raises:
        ValueError: The secret is too short.
    """
    if len(secret) < 16:
        raise ValueError(f"secret of {len(secret)} bytes given; at least 16 are needed")
    key = hashlib.sha256(secret).digest()
    return hashlib.blake2b(f"{match}/{side}".encode(), key=key, digest_size=16).hexdigest()
