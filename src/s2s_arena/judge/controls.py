"""Negative controls: judges that are denied what the real one judges by, and must therefore fail as predicted.

A judge of instructions that is given another sample's instruction must fall to chance on content; one that hears
neutral re-readings must stop telling expressive systems from flat ones; one that reads transcripts (`words_only` of
`local.build_local`) must stay at chance on twins.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError, JudgeFailure
from s2s_arena.judge.comparison import Comparison, Decision, HeardTake, HeardTurn, Judge, blinded
from s2s_arena.protocols import Speaker, Transcriber
from s2s_arena.records.identity import AudioHash, SampleId, content_hash
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import AudioRef, Segment, Utterance


def permutation(samples: Sequence[Sample], *, rng: np.random.Generator) -> dict[SampleId, Sample]:
    """For each sample another one, of the same language and number of turns where there is one.

    Within such a group every sample is used once and none stays in its place, so that only the instruction is
    wrong and not the language. A sample that is alone in its group gets any other sample.

    Raises:
        InputError: Fewer than two samples.
    """
    if len(samples) < 2:
        raise InputError(f"permuted instructions: {len(samples)} samples given; at least 2 are needed")
    groups: dict[tuple[str, int], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.language, len(sample.turns)), []).append(sample)
    others: dict[SampleId, Sample] = {}
    for group in groups.values():
        order = [group[place] for place in rng.permutation(len(group))]
        # A shuffled ring has no sample in its own place.
        others |= {sample.id: order[(place + 1) % len(order)] for place, sample in enumerate(order)}
    for sample in samples:
        if others[sample.id] is sample:
            rest = [other for other in samples if other is not sample]
            others[sample.id] = rest[int(rng.integers(len(rest)))]
    return others


class PermutedInstructions:
    """Judges every match against another sample's instruction.

    Args:
        judge: The real judge.
        others: For each sample the one whose instruction is given, see `permutation`.
    """

    def __init__(self, judge: Judge, others: dict[SampleId, Sample]) -> None:
        self._judge = judge
        self._others = {id: blinded(other) for id, other in others.items()}
        order = sorted((id, other.id) for id, other in others.items())
        self._identity = f"permuted-{content_hash('permuted', order)[:8]}:{judge.identity}"

    @property
    def identity(self) -> str:
        return self._identity

    def decide(self, comparison: Comparison) -> Decision:
        other = self._others[comparison.sample.id]
        return self._judge.decide(replace(comparison, sample=_as_long(other, comparison)))


class RevoicedAnswers:
    """Has each answer's words read again by one neutral voice before the real judge hears them.

    What ears cannot understand, or the voice does not speak, is a judge failure: no verdict, never a guess.

    Args:
        judge: The real judge.
        transcriber: Writes down what the answers say.
        speaker: The voice that reads everything.
    """

    def __init__(self, judge: Judge, *, transcriber: Transcriber, speaker: Speaker) -> None:
        self._judge = judge
        self._transcriber = transcriber
        self._speaker = speaker
        self._read: dict[AudioHash, Waveform] = {}
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return f"revoiced({self._transcriber.identity}; {self._speaker.identity}):{self._judge.identity}"

    def decide(self, comparison: Comparison) -> Decision:
        first, second = self._take(comparison.first), self._take(comparison.second)
        return self._judge.decide(replace(comparison, first=first, second=second))

    def _take(self, take: HeardTake) -> HeardTake:
        return replace(take, turns=tuple(self._turn(turn) for turn in take.turns))

    def _turn(self, turn: HeardTurn) -> HeardTurn:
        if turn.speech is None or not turn.speech.frames:
            return turn
        audio = turn.audio.hash if turn.audio else turn.speech.hash()
        with self._lock:  # each answer is read once
            if audio not in self._read:
                self._read[audio] = self._again(turn.speech)
            wave = self._read[audio]
        ref = AudioRef(hash=wave.hash(), rate_hz=wave.rate_hz, frames=wave.frames)
        return HeardTurn(speech=wave, audio=ref, own_text=turn.own_text)

    def _again(self, speech: Waveform) -> Waveform:
        said = self._transcriber.transcribe(speech)
        if not said.text.strip():
            raise JudgeFailure("re-voicing: no words were understood, there is nothing to read")
        utterance = Utterance(segments=(Segment(text=said.text, language=said.language),))
        try:
            return self._speaker.speak(utterance, seed=0)
        except InputError as error:
            raise JudgeFailure(f"re-voicing: {error}") from error


def _as_long(sample: Sample, comparison: Comparison) -> Sample:
    """The sample with as many turns as were answered; a lone odd one out has its last turn repeated or cut."""
    turns = len(comparison.questions)
    padded = (*sample.turns, *[sample.turns[-1]] * turns)[:turns]
    return replace(sample, turns=tuple(padded))
