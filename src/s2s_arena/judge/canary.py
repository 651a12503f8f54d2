"""The canary: words that exist only as sound. A model that cannot write them down does not hear what it judges."""

import re
import threading
from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz.distance import Indel

from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.words import tokens
from s2s_arena.errors import EmptyAnswer, JudgeFailure
from s2s_arena.judge.presentations import Presentation
from s2s_arena.judge.prompts.listening import ListeningPrompts
from s2s_arena.judge.replies import shown
from s2s_arena.judge.spoken_cues import CueVoice
from s2s_arena.protocols import HeardMessage
from s2s_arena.records.identity import content_hash

WORDS = 4
MISSED = 1  # ears err: so many of the words need not be found
LIKE = 0.8  # likeness from which a written word is the spoken one
GAP_S = 0.8
MIDDLE_S = 3.0  # a server that keeps only the beginning loses what follows

Ask = Callable[[Sequence[HeardMessage]], str]
"""Puts messages to the model and gives its reply."""


class Canary:
    """Asks now and then what was said, in the same shape as the judge's own prompts. Safe to use from threads.

    Args:
        voice: Speaks the words.
        every: Decisions that one heard canary stands for; a canary that was not heard is repeated at the next one.
    """

    def __init__(self, voice: CueVoice, *, every: int = 25) -> None:
        self._voice = voice
        self._every = every
        self._lock = threading.Lock()
        self._left: dict[str, int] = {}
        self._asked = 0
        self.heard = 0
        self.missed = 0

    def check(self, ask: Ask, *, prompts: ListeningPrompts, presentation: Presentation) -> None:
        """Ask if it is time to.

        Raises:
            JudgeFailure: The words did not come back.
        """
        with self._lock:  # others wait: none may judge on while it is open whether the model hears
            if self._left.get(prompts.language, 0) <= 0:
                self._ask(ask, prompts, presentation)
                self._left[prompts.language] = self._every
            self._left[prompts.language] -= 1

    def _ask(self, ask: Ask, prompts: ListeningPrompts, presentation: Presentation) -> None:
        words = drawn(prompts.canary.words, number=self._asked)
        self._asked += 1
        try:
            reply = ask(canary_messages(words, prompts=prompts, voice=self._voice, presentation=presentation))
        except EmptyAnswer:
            reply = ""
        count = found(words, reply)
        if count < WORDS - MISSED:
            self.missed += 1
            raise JudgeFailure(
                f"unheard: of {WORDS} words spoken to the judge it wrote down {count}; the audio does not reach the "
                f"model; it wrote {shown(reply)}"
            )
        self.heard += 1


def drawn(words: Sequence[str], *, number: int) -> tuple[str, ...]:
    """Four different words: the same for the same number in every run."""
    rng = np.random.default_rng(int(content_hash("canary", number)[:12], 16))
    return tuple(words[place] for place in rng.choice(len(words), size=WORDS, replace=False))


def canary_messages(
    words: Sequence[str], *, prompts: ListeningPrompts, voice: CueVoice, presentation: Presentation
) -> tuple[HeardMessage, ...]:
    """The question, with the words in one audio or, where answers come as parts, in several."""
    spoken = [voice.say(word, language=prompts.language) for word in words]
    half = len(spoken) // 2
    first, second = join(spoken[:half], GAP_S), join(spoken[half:], GAP_S)
    audio: list[Waveform] = [first, second]
    if presentation is Presentation.SPOKEN:
        audio = [join([first, silence(MIDDLE_S, first.rate_hz), second])]
    return (
        HeardMessage(role="system", parts=(prompts.ask.canary_system,)),
        HeardMessage(role="user", parts=(prompts.ask.canary, *audio)),
    )


def found(words: Sequence[str], reply: str) -> int:
    """How many of the words stand in the reply, give or take a letter. A reply that lists far more finds none."""
    said = [word for word in re.split(r"[\W_\d]+", reply.casefold()) if word]
    whole = "".join(said)
    if len(said) > 8 * len(words) or len(whole) > 8 * len("".join(words)):
        return 0
    return sum(_stands(word.casefold(), said, whole) for word in words)


def _stands(word: str, said: Sequence[str], whole: str) -> bool:
    if word.isascii():
        return any(Indel.normalized_similarity(word, other) >= LIKE for other in said)
    # Scripts without spaces. Who hears a Chinese word alone may write another one of the same sound.
    sounds, heard = tokens(word, "zh"), tokens(whole, "zh")
    size = len(sounds)
    return word in whole or any(
        Indel.normalized_similarity("".join(sounds), "".join(heard[start : start + size])) >= LIKE
        for start in range(len(heard) - size + 1)
    )
