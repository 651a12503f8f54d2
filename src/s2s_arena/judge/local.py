"""The embedded judge: ears, instruments and a text mind, fused into one strict decision.

Each answer is heard once. Its words are marked by a mind, its delivery is measured, its sound is rated by a
quality predictor. A blatant fault decides alone. Swapping the two answers swaps the decision, exactly.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Protocol

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.extract import told
from s2s_arena.errors import CardError, InputError, JudgeFailure, MissingError
from s2s_arena.judge import expressiveness, faults, instruction, quality
from s2s_arena.judge.comparison import Comparison, Decision, HeardTake
from s2s_arena.judge.content import ContentMarker
from s2s_arena.judge.gist import Gist, shipped_centres
from s2s_arena.judge.instruction import Calibration
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.opinion import SCALES, WEIGHTS, Opinion, abstain, fuse, leading, named
from s2s_arena.judge.padding import EMPTY
from s2s_arena.judge.prompts import ContentPrompts, content_prompts, gist_prompts
from s2s_arena.judge.topic import BY_GIST, BY_WORDS
from s2s_arena.protocols import Store, TextVectors, WordVectors, Writer
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash, content_hash
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.systems import JudgeCard

VERSION = "12"  # of the rules in this package; a change of behaviour is another judge
BLATANT = 10.0
"""Margin of a decision by a blatant fault: beyond all that opinions can add up to."""


CALIBRATED = tuple(field.name for field in fields(Calibration))
PARTS = frozenset({"mind", "ears", "heads", "quality", "seconds_a_match"})
"""Settings that name what `build_local` is given; whoever loads the parts reads them."""


class Hearing(Protocol):
    """What hears an utterance: `cues.extract.Extractor`, or a scripted double."""

    @property
    def identity(self) -> str: ...

    def hear(self, speech: Waveform, *, audio: AudioHash, language: str | None = None) -> Cues: ...


class LocalJudge:
    """Implements `comparison.Judge`.

    Args:
        extractor: Hears each answer once.
        writer: The mind that marks words.
        notebook: Keeps cues and marks.
        prompts: What the mind is asked with.
        calibration: How content marks combine.
        weights: What each criterion weighs.
        words_only: Judge by the words of question and answers alone (a negative control).
        blatant: Whether a blatant fault decides alone; without, only an answer with no speech at all loses so.
        name: Begins the identity.
        vectors: Which words mean alike; without, what an answer is about is left to the mind.
        reader: Tells what texts are about, if the shipped centres are its own; else words alone tell.
    """

    def __init__(
        self,
        extractor: Hearing,
        writer: Writer,
        *,
        notebook: Notebook,
        prompts: ContentPrompts,
        calibration: Calibration | None = None,
        weights: Mapping[Criterion, float] = WEIGHTS,
        words_only: bool = False,
        blatant: bool = True,
        name: str = "local",
        vectors: WordVectors | None = None,
        reader: TextVectors | None = None,
    ) -> None:
        self._extractor = extractor
        self._notebook = notebook
        self._marker = ContentMarker(writer, prompts=prompts, notebook=notebook)
        self._calibration = calibration or Calibration()
        self._weights = dict(weights)
        self._words_only = words_only
        self._blatant = blatant
        self._vectors = vectors
        self._gist = _gist(reader, notebook)
        gist = self._gist.identity if self._gist else None
        self._prompt_hash = content_hash("prompts", prompts.hash, gist)
        topic = (vectors.identity, BY_WORDS, EMPTY) if vectors else None
        rules = (words_only, blatant, topic, (self._gist.identity, BY_GIST) if self._gist else None)
        made_of = content_hash(
            extractor.identity, writer.identity, self._prompt_hash, self._calibration, self._weights, SCALES, rules
        )
        self._identity = f"{name}/{VERSION}/{made_of[:16]}"

    @property
    def identity(self) -> str:
        return self._identity

    def decide(self, comparison: Comparison) -> Decision:
        try:
            return self._decided(comparison)
        except MissingError:
            raise
        except InputError as error:  # a prompt that does not fit, audio that cannot be heard
            raise JudgeFailure(f"{comparison.sample.id}: {error}") from error

    def _decided(self, comparison: Comparison) -> Decision:
        began = time.perf_counter()
        first, second = (self._hear(comparison.sample, take) for take in (comparison.first, comparison.second))
        fault = self._fault(comparison, first, second)
        opinions = fault or self._opinions(comparison, first, second)
        margin = fuse(opinions, weights=self._weights) if fault is None else _decisive(opinions)
        outcome, toss = strict(margin, comparison)
        return Decision(
            outcome=outcome,
            criteria={criterion: opinion.outcome for criterion, opinion in opinions.items()},
            margin=margin,
            reason=toss or leading(opinions, outcome, weights=self._weights),
            raw="; ".join(f"{c.value} {o.margin:+.4f}" for c, o in opinions.items() if o.margin is not None),
            prompt_hash=self._prompt_hash,
            parsed="log-odds" if fault is None else "rule",
            seconds=time.perf_counter() - began,
            notes=self._notebook.take_new(),
        )

    def _hear(self, sample: Sample, take: HeardTake) -> tuple[Cues | None, ...]:
        """Cues by turn; None where there is no speech."""
        heard: list[Cues | None] = []
        for number, turn in enumerate(take.turns):
            if turn.speech is None or not turn.speech.frames:
                heard.append(None)
            else:
                audio = turn.audio.hash if turn.audio else turn.speech.hash()
                heard.append(self._cues(turn.speech, audio, faults.wanted_languages(sample, number)))
        return tuple(heard)

    def _cues(self, speech: Waveform, audio: AudioHash, wanted: Sequence[str]) -> Cues:
        """What is heard; where ears only guess at a language that was not wanted, heard again as the wanted one."""
        key = content_hash("cues", audio, self._extractor.identity)
        open_minded = self._notebook.kept(Cues, key, lambda: self._extractor.hear(speech, audio=audio))
        heard = open_minded.transcript
        if heard is None or not wanted or faults.primary(heard.language) in wanted or faults.sure_of_language(heard):
            return open_minded
        again = content_hash("cues", audio, told(self._extractor.identity, wanted[0]))
        return self._notebook.kept(Cues, again, lambda: self._extractor.hear(speech, audio=audio, language=wanted[0]))

    def _fault(
        self, comparison: Comparison, first: Sequence[Cues | None], second: Sequence[Cues | None]
    ) -> dict[Criterion, Opinion] | None:
        """The opinions where a blatant fault decides; None where neither take has one, or both have the same."""
        a = self._worst(comparison, comparison.first, first)
        b = self._worst(comparison, comparison.second, second)
        gap = (faults.SEVERITY[b.fault] if b else 0) - (faults.SEVERITY[a.fault] if a else 0)
        nothing = a is not None and a.fault is faults.Fault.EMPTY
        if gap == 0 and not nothing:
            return None
        moot = abstain("a blatant fault decided")
        verdict = abstain("neither answer can be heard")
        if gap:
            which, worse = ("second", b) if gap > 0 else ("first", a)
            how = f"{which} answer {worse.fault.value}: {worse.how}" if worse else ""
            verdict = named(BLATANT if gap > 0 else -BLATANT, how)
        return {Criterion.INSTRUCTION: verdict, Criterion.EXPRESSIVENESS: moot, Criterion.QUALITY: moot}

    def _worst(self, comparison: Comparison, take: HeardTake, heard: Sequence[Cues | None]) -> faults.Finding | None:
        if not heard:
            return faults.Finding(fault=faults.Fault.EMPTY, how="no speech came back")
        found = (
            faults.find(
                sample=comparison.sample,
                turn=number,
                question=comparison.questions[number],
                speech=take.turns[number].speech,
                cues=cues,
                words_only=self._words_only,
            )
            for number, cues in enumerate(heard)
        )
        counts = (f for f in found if f and (self._blatant or f.fault is faults.Fault.EMPTY))
        return max(counts, key=lambda f: faults.SEVERITY[f.fault], default=None)

    def _opinions(
        self, comparison: Comparison, first: Sequence[Cues | None], second: Sequence[Cues | None]
    ) -> dict[Criterion, Opinion]:
        sample = comparison.sample
        a, b = [c for c in first if c], [c for c in second if c]  # no turn is None here: that is a fault
        opinions = {
            Criterion.INSTRUCTION: instruction.compare(
                sample,
                a,
                b,
                marker=self._marker,
                calibration=self._calibration,
                vectors=self._vectors,
                gist=self._gist,
                words_only=self._words_only,
            )
        }
        if self._words_only:
            deaf = abstain("words only are judged")
            return opinions | {Criterion.EXPRESSIVENESS: deaf, Criterion.QUALITY: deaf}
        opinions[Criterion.EXPRESSIVENESS] = expressiveness.compare(sample, a, b)
        opinions[Criterion.QUALITY] = quality.compare(
            sample,
            a,
            b,
            first_texts=[turn.own_text for turn in comparison.first.turns],
            second_texts=[turn.own_text for turn in comparison.second.turns],
            first_tops_hz=[quality.top_hz(turn.speech) for turn in comparison.first.turns if turn.speech],
            second_tops_hz=[quality.top_hz(turn.speech) for turn in comparison.second.turns if turn.speech],
        )
        return opinions


def strict(margin: float, comparison: Comparison) -> tuple[Outcome, str]:
    """First or second, and why if the margin does not tell.

    An exact draw goes to a toss that depends on what is heard and not on the order: the take whose hash
    with the sample's comes first. Only for identical audio nothing but the match's own seed is left.
    """
    if margin:
        return (Outcome.FIRST if margin > 0 else Outcome.SECOND), ""
    first, second = (
        content_hash("toss", comparison.sample.id, t.identity) for t in (comparison.first, comparison.second)
    )
    if first != second:
        return (Outcome.FIRST if first < second else Outcome.SECOND), "an exact draw, decided by a toss on the audio"
    heads = int(content_hash("toss", comparison.sample.id, comparison.seed)[:8], 16) % 2 == 0
    return (Outcome.FIRST if heads else Outcome.SECOND), "identical audio, decided by a toss on the match's seed"


def build_local(
    card: JudgeCard,
    *,
    extractor: Hearing,
    writer: Writer,
    store: Store,
    vectors: WordVectors | None = None,
    reader: TextVectors | None = None,
    words_only: bool = False,
) -> LocalJudge:
    """The judge of a card.

    Settings: `weights` (a table of criterion to weight), `blatant` (whether a blatant fault decides alone),
    `pointwise`, `pairwise`, `topic`, `gist`, `padding`, `expected`, `void`, `parroted`,
    `sure` (see `Calibration`).

    Raises:
        CardError: A setting that is unknown or of the wrong type.
    """
    weights, calibration = _settings(card)
    blatant = card.settings.get("blatant", True)
    if not isinstance(blatant, bool):
        raise CardError(f"judge {card.name}: settings.blatant is {blatant!r}; true or false is needed")
    return LocalJudge(
        extractor,
        writer,
        notebook=Notebook(store),
        prompts=content_prompts(),
        calibration=calibration,
        weights=weights,
        words_only=words_only,
        blatant=blatant,
        name=card.name,
        vectors=vectors,
        reader=reader,
    )


def _gist(reader: TextVectors | None, notebook: Notebook) -> Gist | None:
    if reader is None or reader.identity != (centres := shipped_centres()).reader:
        return None  # another mind's vectors mean nothing beside these
    return Gist(reader, prompts=gist_prompts(), centres=centres, notebook=notebook)


def _decisive(opinions: Mapping[Criterion, Opinion]) -> float:
    """The margin that a blatant fault gave; 0 where both answers are equally empty."""
    return opinions[Criterion.INSTRUCTION].margin or 0.0


def _settings(card: JudgeCard) -> tuple[dict[Criterion, float], Calibration]:
    numbers: dict[str, float] = {}
    weights = dict(WEIGHTS)
    for key, value in card.settings.items():
        if key == "weights" and isinstance(value, dict):
            for name, weight in value.items():
                if name not in tuple(Criterion):
                    raise CardError(
                        f"judge {card.name}: settings.weights.{name} is no criterion; use {', '.join(Criterion)}"
                    )
                weights[Criterion(name)] = _number(card, f"weights.{name}", weight)
        elif key in CALIBRATED:
            numbers[key] = _number(card, key, value)
        elif key not in PARTS and key != "blatant":
            allowed = ", ".join(sorted({"weights", "blatant", *CALIBRATED, *PARTS}))
            raise CardError(f"judge {card.name}: settings.{key} is unknown or not a table; known are {allowed}")
    return weights, replace(Calibration(), **numbers)


def _number(card: JudgeCard, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value < math.inf:
        raise CardError(f"judge {card.name}: settings.{key} is {value!r}; a number from 0 up is needed")
    return float(value)
