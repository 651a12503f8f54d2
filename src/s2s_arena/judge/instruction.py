"""Whether an answer's words do what was asked: expected words, their topic, a mind's marks, pointwise and in pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import partial_ratio

from s2s_arena.cues.shows import shows
from s2s_arena.judge.content import ContentMarker
from s2s_arena.judge.faults import SPEECH_S, plain, primary, repeats, words
from s2s_arena.judge.gist import Gist
from s2s_arena.judge.opinion import Opinion, abstain, named
from s2s_arena.judge.padding import cost
from s2s_arena.judge.topic import BY_GIST, BY_WORDS, related
from s2s_arena.judge.trust import distrust
from s2s_arena.protocols import WordVectors
from s2s_arena.records.cues import Cues
from s2s_arena.records.samples import Expectation, Sample

WORDS = frozenset({"contains", "lacks"})
PARROT_CHARACTERS = 8  # a shorter reply may hit on words of the question by chance
PARROT_LIKENESS = 92.0  # of 100, of the reply and the best place in the question: ears err by a letter or two


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How content marks combine, in nats; set by hand on right and wrong answers to small question sets.

    With Qwen2.5-Coder-1.5B right answers had pointwise log-odds of +0.6..+2.5 and other questions' answers
    -2.4..+0.4; in pairs the gap was +0.4..+1.8, never a disagreement with the pointwise one where that was above 2.5.

    Attributes:
        pointwise: Weight of the gap between the two "does what was asked" log-odds.
        pairwise: Weight of the "which is better" log-odds.
        topic: Weight of the gap between the two log-chances, by words, that an answer belongs to the question.
        gist: Weight of the same gap by gist.
        padding: Nats that an answer loses for one unit by which it is longer than what it says (`padding.cost`).
        expected: Nats for one unit by which an answer shows more of the expected words or language.
        void: Nats that an answer loses which says nothing, nothing that can be understood, or nothing but the question.
        parroted: Nats that an answer loses which only says a piece of the question back, unasked.
        sure: Margin from which the pairwise question, two calls, is not asked.
    """

    pointwise: float = 0.6
    pairwise: float = 0.4
    topic: float = 0.8
    gist: float = 1.0
    padding: float = 8.0
    expected: float = 1.5
    void: float = 6.0
    parroted: float = 1.5
    sure: float = 1.5


def compare(
    sample: Sample,
    first: Sequence[Cues],
    second: Sequence[Cues],
    *,
    marker: ContentMarker,
    calibration: Calibration,
    vectors: WordVectors | None = None,
    gist: Gist | None = None,
    words_only: bool = False,
) -> Opinion:
    """How much better the first answer's words do what was asked, in nats.

    Args:
        sample: What was asked.
        first: What was heard in each turn of the take heard first, in order; at least one.
        second: The same of the take heard second.
        marker: The mind that marks words.
        calibration: How its marks combine.
        vectors: Which words mean alike; without, the topic is left to the mind.
        gist: What texts are about; without, words alone tell.
        words_only: Ignore all that was not in the user's words: labels, guideline, references, expectations.
    """
    void_a, void_b = (_void(sample, cues, words_only=words_only) for cues in (first, second))
    if bool(void_a) != bool(void_b):
        margin = -calibration.void if void_a else calibration.void
        return named(margin, f"the first answer {void_a}" if void_a else f"the second answer {void_b}")
    why_not = distrust("asr", sample)
    if why_not is not None:
        return abstain(f"the words cannot be relied on: {why_not}")
    a, b = [words(c.transcript) for c in first], [words(c.transcript) for c in second]
    if any(a) != any(b):
        margin = calibration.void if any(a) else -calibration.void
        return named(margin, f"no word of the {'second' if any(a) else 'first'} answer can be understood")
    turns = range(min(len(a), len(b), len(sample.turns)))
    asks_a = [marker.asked(sample, turn=turn, replies=a, words_only=words_only) for turn in turns]
    asks_b = [marker.asked(sample, turn=turn, replies=b, words_only=words_only) for turn in turns]
    points_a = sum(marker.pointwise(asks_a[turn], a[turn]) for turn in turns) / len(turns)
    points_b = sum(marker.pointwise(asks_b[turn], b[turn]) for turn in turns) / len(turns)
    expected = 0.0 if words_only else _expected(sample, first, second)
    margin = calibration.pointwise * (points_a - points_b) + calibration.expected * expected
    parrots = sum(parroted(second[n], sample, n) - parroted(first[n], sample, n) for n in turns) / len(turns)
    margin += calibration.parroted * parrots
    why = f"does what was asked: {points_a:+.1f} against {points_b:+.1f} nats; expected words {expected:+.1f}"
    topic = _topic(sample, first, second, vectors=vectors, turns=turns) if vectors else None
    if topic is not None:
        margin += calibration.topic * (topic[0] - topic[1])
        why += f"; about what was asked, by words {topic[0]:+.1f} against {topic[1]:+.1f}"
    about = _about(sample, first, second, gist=gist, turns=turns) if gist else None
    if about is not None:
        margin += calibration.gist * (about[0] - about[1])
        why += f"; by gist {about[0]:+.1f} against {about[1]:+.1f}"
    idle = _padding(sample, first, second, vectors=vectors, turns=turns) if vectors else (0.0, 0.0)
    if any(idle):
        margin += calibration.padding * (idle[1] - idle[0])
        why += f"; empty talk {idle[0]:.2f} against {idle[1]:.2f}"
    if parrots:
        why += f"; the {'second' if parrots > 0 else 'first'} only says a piece of the question back"
    # After different replies the last turn is another question for each, and cannot be compared in one prompt.
    if abs(margin) < calibration.sure and asks_a[-1] == asks_b[-1]:
        better = marker.pairwise(asks_a[-1], a[turns[-1]], b[turns[-1]])
        margin += calibration.pairwise * better
        why += f"; side by side {better:+.1f} nats"
    return named(margin, why)


def _void(sample: Sample, turns: Sequence[Cues], *, words_only: bool) -> str:
    """What is wrong with an answer that cannot do what was asked, whatever it was; empty where it may.

    This holds also where ears cannot be relied on, and without the rule by which such answers lose alone: a mind
    asked about "(nothing was said)" marks it no worse than a weak reply.
    """
    if all(not words(c.transcript) if words_only else c.prosody.speech_s < SPEECH_S for c in turns):
        return "says nothing"
    if all(repeats(t.script, words(c.transcript)) is not None for t, c in zip(sample.turns, turns, strict=False)):
        return "says nothing but the question"
    return ""


def parroted(reply: Cues, sample: Sample, turn: int) -> bool:
    """Whether a reply is nothing but a piece of the question, where other words were expected.

    Minds of a billion weights mark such a reply as fitting, because its words do. Where no words are expected,
    or the expected ones are in the reply, saying something back may be what was asked.
    """
    said, question = plain(words(reply.transcript)), plain(sample.turns[turn].script)
    if not PARROT_CHARACTERS <= len(said) <= len(question):
        return False
    wanted = [e for e in sample.expects if e.cue == "contains"]
    if all((shows(reply, expectation) or 0.0) > 0.0 for expectation in wanted):
        return False
    return partial_ratio(said, question) >= PARROT_LIKENESS


def _topic(
    sample: Sample, first: Sequence[Cues], second: Sequence[Cues], *, vectors: WordVectors, turns: Sequence[int]
) -> tuple[float, float] | None:
    """Each answer's log-chance, by its words, to belong to what was asked; None where words tell nothing."""

    def chance(turn: int, said: str, spoken: str) -> float | None:
        asked = sample.turns[turn]
        alike = related(vectors, asked.script, said, language=asked.language, spoken=spoken)
        return None if alike is None else BY_WORDS.log_chance(alike)

    return _chances(sample, first, second, chance, turns=turns)


def _about(
    sample: Sample, first: Sequence[Cues], second: Sequence[Cues], *, gist: Gist, turns: Sequence[int]
) -> tuple[float, float] | None:
    """The same by gist."""

    def chance(turn: int, said: str, spoken: str) -> float | None:
        return BY_GIST.log_chance(gist.likeness(sample.turns[turn].script, said))

    return _chances(sample, first, second, chance, turns=turns)


def _chances(
    sample: Sample,
    first: Sequence[Cues],
    second: Sequence[Cues],
    chance: Callable[[int, str, str], float | None],
    *,
    turns: Sequence[int],
) -> tuple[float, float] | None:
    """Both answers' mean over turns; None where either speaks another language: likenesses were fitted within one."""
    sums = [0.0, 0.0]
    for turn in turns:
        for place, cues in enumerate((first[turn], second[turn])):
            heard = cues.transcript
            if heard is None or primary(heard.language) != primary(sample.turns[turn].language):
                return None
            found = chance(turn, words(heard), heard.language)
            if found is None:
                return None
            sums[place] += found / len(turns)
    return sums[0], sums[1]


def _padding(
    sample: Sample, first: Sequence[Cues], second: Sequence[Cues], *, vectors: WordVectors, turns: Sequence[int]
) -> tuple[float, float]:
    """By how much each answer is longer than what it says, mean over turns."""
    sums = [0.0, 0.0]
    for turn in turns:
        asked = sample.turns[turn]
        for place, cues in enumerate((first[turn], second[turn])):
            heard = cues.transcript
            if heard is not None and primary(heard.language) == primary(asked.language):
                sums[place] += cost(vectors, asked.script, words(heard), language=asked.language) / len(turns)
    return sums[0], sums[1]


def _expected(sample: Sample, first: Sequence[Cues], second: Sequence[Cues]) -> float:
    """By how much more the first answer shows the expected words, mean over expectations, and the language."""
    return _gap(sample, first, second, WORDS) + _gap(sample, first, second, frozenset({"language"}))


def _gap(sample: Sample, first: Sequence[Cues], second: Sequence[Cues], cues: frozenset[str]) -> float:
    gaps = [
        a - b
        for expectation in sample.expects
        if expectation.cue in cues
        and (a := _shown(expectation, first)) is not None
        and (b := _shown(expectation, second)) is not None
    ]
    return sum(gaps) / len(gaps) if gaps else 0.0


def _shown(expectation: Expectation, turns: Sequence[Cues]) -> float | None:
    """Wanted words may come in any turn; unwanted ones in none; the language counts in all."""
    measured = [value for cues in turns if (value := shows(cues, expectation)) is not None]
    if not measured:
        return None
    return max(measured) if expectation.cue == "contains" else min(measured)
