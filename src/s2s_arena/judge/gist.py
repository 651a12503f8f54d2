"""Whether a reply is about what a request is about, by the word that a mind is about to say of each.

A mind that has read 'The reply "..." in one word is about:' holds in its last state what that word would be, with all
that it might have been (Jiang et al., 2024, "Scaling sentence embeddings with large language models"). What all
requests, and all replies, have in common is taken away, since it would make everything alike.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InputError
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import GistPrompts
from s2s_arena.protocols import TextVectors
from s2s_arena.records.identity import content_hash
from s2s_arena.records.scores import Score

SHIPPED = Path(__file__).parent / "data" / "gist.npz"
LIKENESS = "likeness:about"
REQUEST_WORDS, REPLY_WORDS = 60, 40  # what a text is about shows from its beginning, and each word costs time
REQUESTS_KEPT = 256
_ARRAYS = ("request", "reply", "widest")

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centres:
    """What a mind's vectors of texts have in common.

    Attributes:
        reader: Identity of the mind; vectors of another mean nothing here.
        request: Mean over requests, shape (dimensions,).
        reply: Mean over replies, the same shape.
        widest: Direction of length 1 in which texts differ most, the same shape.
    """

    reader: str
    request: Vector
    reply: Vector
    widest: Vector

    def __post_init__(self) -> None:
        shapes = {self.request.shape, self.reply.shape, self.widest.shape}
        if len(shapes) > 1 or self.request.ndim != 1:
            raise InputError(f"centres of {self.reader}: shapes {shapes} given; three vectors of one length are needed")

    @property
    def hash(self) -> str:
        """Of the mind and all numbers."""
        return content_hash(
            "centres", self.reader, [v.tobytes().hex() for v in (self.request, self.reply, self.widest)]
        )

    def of_request(self, vector: Vector) -> Vector:
        """A request's vectors, shape (..., dimensions), without what is common, each of length 1."""
        return self._bare(vector - self.request)

    def of_reply(self, vector: Vector) -> Vector:
        """The same of a reply's."""
        return self._bare(vector - self.reply)

    def _bare(self, vector: Vector) -> Vector:
        rest = vector - (vector @ self.widest)[..., None] * self.widest
        length = np.linalg.norm(rest, axis=-1, keepdims=True)
        return np.asarray(rest / np.where(length > 0.0, length, 1.0), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Half precision, which is enough for means."""
        path.parent.mkdir(parents=True, exist_ok=True)
        halves = {name: getattr(self, name).astype(np.float16) for name in _ARRAYS}
        np.savez(path, reader=np.array(self.reader), **halves)


def centres_of(reader: str, requests: Vector, replies: Vector) -> Centres:
    """The centres of vectors of requests and of replies, shapes (texts, dimensions)."""
    request, reply = requests.mean(axis=0), replies.mean(axis=0)
    widest = np.linalg.svd(np.concatenate([requests - request, replies - reply]), full_matrices=False)[2][0]
    return Centres(reader=reader, request=request, reply=reply, widest=widest)


def load_centres(path: Path) -> Centres:
    """The centres of a file. Raises InputError where it is none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            request, reply, widest = (np.asarray(file[name], dtype=np.float32) for name in _ARRAYS)
            reader = str(file["reader"])
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{path}: no centres of texts ({error}); python -m bench.topic --write makes them") from error
    return Centres(reader=reader, request=request, reply=reply, widest=widest)


@cache
def shipped_centres() -> Centres:
    """Those of the embedded mind, over the requests and references of the seed suite."""
    return load_centres(SHIPPED)


class Gist:
    """Likeness of what requests and replies are about; each is kept as a `Score`.

    Args:
        reader: The mind.
        prompts: The texts that it reads.
        centres: What its vectors have in common.
        notebook: Where likenesses are kept.

    Raises:
        InputError: The centres are another mind's.
    """

    def __init__(self, reader: TextVectors, *, prompts: GistPrompts, centres: Centres, notebook: Notebook) -> None:
        if centres.reader != reader.identity:
            raise InputError(f"gist by {reader.identity}: the centres are those of {centres.reader}; name that mind")
        self._reader = reader
        self._prompts = prompts
        self._centres = centres
        self._notebook = notebook
        self._requests: OrderedDict[str, Vector] = OrderedDict()
        self.identity = f"{reader.identity}+{content_hash('gist', prompts, centres.hash)[:12]}"

    def likeness(self, request: str, reply: str) -> float:
        """How near what they are about is, -1..1; replies to other requests are around 0."""
        asked, said = beginning(request, REQUEST_WORDS), beginning(reply, REPLY_WORDS)

        def make() -> Score:
            reply = self._centres.of_reply(self._reader.vector(self._prompts.reply.format(text=said)))
            value = float(self._request(asked) @ reply)
            return Score(
                subject=content_hash(asked, said),
                scale=LIKENESS,
                judge=self.identity,
                value=value,
                raw="",
                prompt_hash=self._prompts.hash,
            )

        key = content_hash("score", content_hash(asked, said), LIKENESS, self.identity)
        return self._notebook.kept(Score, key, make).value

    def _request(self, text: str) -> Vector:
        """A request's vector is needed for each reply to it."""
        known = self._requests.get(text)
        if known is None:
            known = self._centres.of_request(self._reader.vector(self._prompts.request.format(text=text)))
            self._requests[text] = known
            while len(self._requests) > REQUESTS_KEPT:
                self._requests.popitem(last=False)
        return known


def beginning(text: str, count: int) -> str:
    """The first words of a text; where words are not written apart, twice as many letters."""
    words = text.split()
    if max(map(len, words), default=0) > 2 * count:
        return text[: 2 * count]
    return " ".join(words[:count])
