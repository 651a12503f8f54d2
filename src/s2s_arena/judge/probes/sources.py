"""The answers that probes are made from: finished takes with their words, where they are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from s2s_arena.judge.comparison import blinded
from s2s_arena.judge.faults import plain
from s2s_arena.protocols import Store
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash, SystemName, TakeId, content_hash
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.speech import AudioRef

ECHO_LIKENESS = 0.85  # of letters: a weak mind says a request back but for its first words


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One finished answer.

    Attributes:
        sample: What was asked, blinded.
        take: The answer.
        system: Who gave it; only to pair answers of two systems, never shown to a judge.
        audio: Hash of the speech, by turn.
        texts: The system's own words, else those that were heard, by turn; empty where neither is known.
        seconds: Length of all its speech.
        right: Whether it may stand as the better one; False where a reader found that it does not try what was asked.
    """

    sample: Sample
    take: TakeId
    system: SystemName
    audio: tuple[AudioHash, ...]
    texts: tuple[str, ...]
    seconds: float
    right: bool = True

    @property
    def identity(self) -> str:
        """Content hash of what was asked and what can be heard."""
        return content_hash("source", self.sample.id, [t.script for t in self.sample.turns], list(self.audio))

    @property
    def language(self) -> str:
        """Primary tag of the sample's language."""
        return self.sample.language.split("-")[0].lower()

    @property
    def words(self) -> str:
        """The words of the last turn."""
        return self.texts[-1] if self.texts else ""


def sources(takes: Iterable[Take], *, suite: Suite, store: Store) -> tuple[Source, ...]:
    """The answers that can be heard whole, in the order of takes; failed ones and other suites' are left out.

    So is an answer that is the question's own audio or nearly its words: it is no better than what is made of it, and
    half of it may be a better answer.
    """
    samples = {sample.id: sample for sample in suite.samples}
    found: list[Source] = []
    for take in takes:
        if take.failure is not None or take.sample not in samples:
            continue
        responses = [store.get(Response, key) for key in take.responses]
        spoken = [r for r in responses if r is not None and r.speech is not None]
        if not spoken or len(spoken) != len(samples[take.sample].turns):
            continue
        speech = [r.speech for r in spoken if r.speech is not None]
        turns = samples[take.sample].turns
        texts = tuple(r.text or _heard(ref.hash, store) for r, ref in zip(spoken, speech, strict=True))
        if any(_echoes(*each) for each in zip(speech, texts, turns, strict=True)):
            continue
        found.append(
            Source(
                sample=blinded(samples[take.sample]),
                take=take.id,
                system=take.system,
                audio=tuple(ref.hash for ref in speech),
                texts=texts,
                seconds=sum(ref.duration_s for ref in speech),
            )
        )
    return tuple(found)


def _echoes(speech: AudioRef, text: str, turn: Turn) -> bool:
    same_audio = turn.speech is not None and speech.hash == turn.speech.hash
    said, asked = plain(text), plain(turn.script)
    return same_audio or (bool(said) and Indel.normalized_similarity(said, asked) >= ECHO_LIKENESS)


def _heard(audio: AudioHash, store: Store) -> str:
    cues = next(iter(store.all(Cues, audio=audio)), None)
    return cues.transcript.text.strip() if cues and cues.transcript else ""
