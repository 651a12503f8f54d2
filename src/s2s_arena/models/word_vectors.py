"""Vectors of words from a mind's own table of tokens: no pass through the mind, so a text costs a millisecond."""

import math
import re
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

from s2s_arena.errors import CardError
from s2s_arena.models import settings as read
from s2s_arena.models import weights
from s2s_arena.models.gguf import Gguf
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import Worded
from s2s_arena.records.systems import Setting

FAMILY = "word-vectors"
VERSION = "1"
TABLE = "token_embd.weight"
_COMMON = 60_000  # tokens are numbered by how common they are: those from here on are fragments and code
_MEAN_OF = 3_000
_EVERYDAY = 300.0  # of tokens by number: what is as common as this says nothing of what a text is about
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_PIECES = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"


class WordVectors:
    """Implements `protocols.WordVectors` with the table of a GGUF mind whose tokens are byte pairs.

    A word's vector is the mean of its tokens', less the mean of all; its weight grows with how rare its rarest token
    is, by the order in which tokens were learnt. Both are the same in every language that the mind reads.

    Args:
        path: The mind's file.
        name: Its name, for the identity.

    Raises:
        CardError: The mind's tokens are no byte pairs.
        InputError: The file cannot be read.
    """

    def __init__(self, path: Path, *, name: str) -> None:
        self._file = Gguf(path)
        tokens, merges = (self._file.settings.get(f"tokenizer.ggml.{part}") for part in ("tokens", "merges"))
        if not isinstance(tokens, tuple) or not isinstance(merges, tuple):
            raise CardError(f"word vectors of {name}: its tokens are no byte pairs; name another mind")
        pairs = [(str(merge).split(" ")[0], str(merge).split(" ")[1]) for merge in merges]
        self._tokenizer = Tokenizer(BPE(vocab={str(t): n for n, t in enumerate(tokens)}, merges=pairs))
        splits = Split(Regex(_PIECES), behavior="isolated")
        self._tokenizer.pre_tokenizer = Sequence([splits, ByteLevel(add_prefix_space=False, use_regex=False)])
        common = min(_COMMON, len(tokens))
        some = self._file.rows(TABLE, range(0, common, max(1, common // _MEAN_OF)))
        self._mean: NDArray[np.float32] = some.mean(axis=0)
        self._known: dict[str, tuple[NDArray[np.float32], float]] = {}
        self._lock = threading.Lock()
        self._name = name

    @property
    def identity(self) -> str:
        return f"{FAMILY}/{self._name}/{VERSION}"

    def words(self, text: str) -> Worded:
        """Each word once, in the order in which they come; words without spaces between them by their tokens."""
        with self._lock:
            found = [self._word(word) for word in dict.fromkeys(self._split(text))]
        width = len(self._mean)
        vectors = np.stack([vector for vector, _ in found]) if found else np.zeros((0, width), dtype=np.float32)
        return Worded(vectors=vectors, weights=np.array([weight for _, weight in found], dtype=np.float64))

    def _split(self, text: str) -> list[str]:
        words: list[str] = []
        for word in _WORD.findall(text.lower()):
            if _UNSPACED.search(word):
                spans = self._tokenizer.encode(word).offsets
                words += [word[start:end] for start, end in spans if end > start]
            else:
                words.append(f" {word}")  # as it stands within a sentence
        return words

    def _word(self, word: str) -> tuple[NDArray[np.float32], float]:
        if word not in self._known:
            numbers = self._tokenizer.encode(word).ids
            vector = self._file.rows(TABLE, numbers).mean(axis=0) - self._mean
            length = float(np.linalg.norm(vector)) or 1.0
            weight = max(0.0, math.log(max(1, *numbers, 1) / _EVERYDAY))
            self._known[word] = (vector / length, weight)
        return self._known[word]


def build(settings: Mapping[str, Setting], parts: Parts) -> WordVectors:
    """Word vectors of a mind. Settings: weights (a set or a GGUF file)."""
    read.check_keys(FAMILY, settings, known=frozenset({"weights"}))
    name = read.text(settings, "weights")
    return WordVectors(weights.model_file(name, parts.cache, base=parts.folder), name=name)
