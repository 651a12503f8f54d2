"""What ears make of a turn: its words against the script, and its language; each clip is heard once and kept."""

from dataclasses import dataclass, replace

from s2s_arena.build.languages import primary
from s2s_arena.cues.words import agreement
from s2s_arena.protocols import Store, Transcriber
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Turn
from s2s_arena.records.scores import Score
from s2s_arena.records.speech import AudioRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One turn as heard."""

    text: str
    agreement: float  # with the script, 0..1; see `cues.words.agreement`
    language: str  # as the ears tell it, without being told
    language_probability: float


class Ears:
    """A transcriber whose opinions are kept, so that a second review hears nothing again."""

    def __init__(self, transcriber: Transcriber, store: Store) -> None:
        self._transcriber = transcriber
        self._store = store

    @property
    def identity(self) -> str:
        """The transcriber's."""
        return self._transcriber.identity

    def hear(self, turn: Turn, clean: AudioRef) -> Heard:
        """What is said in the clip, against the turn's script, and in which language.

        Args:
            turn: What should be said.
            clean: The voice alone, without background.
        """
        ears = self.identity
        blank = Score(subject=content_hash("language", clean.hash), scale="language", judge=ears, value=0.0)
        # The same key as the build's: what it has heard already is not heard again.
        subject = content_hash("script", clean.hash, turn.script, turn.respelling)
        words = Score(subject=subject, scale="agreement", judge=ears, value=0.0)
        language = self._store.get(Score, blank.key)
        said = self._store.get(Score, words.key)
        free = None
        if language is None:
            free = self._transcriber.transcribe(self._store.audio(clean.hash))
            language = replace(blank, value=free.language_probability, raw=free.language)
            self._store.put(language)
        if said is None:
            if free is not None and primary(free.language) == primary(turn.language):
                text = free.text
            else:
                text = self._transcriber.transcribe(self._store.audio(clean.hash), language=turn.language).text
            texts = [turn.script, *([turn.respelling] if turn.respelling else [])]
            said = replace(words, value=max(agreement(t, text, turn.language) for t in texts), raw=text)
            self._store.put(said)
        return Heard(text=said.raw, agreement=said.value, language=language.raw, language_probability=language.value)
