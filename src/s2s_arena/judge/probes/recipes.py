"""Which pairs to make: answers drawn for each probe, with everything that the pair depends on but the audio itself."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.judge.faults import wanted_languages
from s2s_arena.judge.numbers import spelled
from s2s_arena.judge.probes.kinds import KINDS, Probe
from s2s_arena.judge.probes.sources import Source
from s2s_arena.judge.probes.texts import probe_texts, texts_hash
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Expectation, Sample, Turn
from s2s_arena.records.taxonomy import Level

VERSION = "1"  # of how pairs are made; another version makes other pairs
PACE_FACTORS = (1.1, 1.2, 1.3, 1.4, 1.5)
OPPOSITE = {"happy": "sad", "sad": "happy", "angry": "calm", "calm": "angry"}
FEWEST_WORDS = 4
SAME_WORDS = 0.8  # of the fewer different words: from there on neither is an answer to something else
SPOKEN_WORDS = 24  # a voice says no more of an answer than this
_REFUSAL = re.compile(
    r"(i'm sorry|i am sorry|sorry|i apologi[sz]e|as an ai)\b.{0,60}"
    r"\b(can't|cannot|can not|unable|not able|(don't|do not|didn't|did not) (quite )?(know|have|understand|catch))\b"
    r"|i (can't|cannot|can not|am unable to|am not able to) (assist|help|do)\b"
    r"|i (didn't|did not|don't|do not|couldn't|could not) (quite )?(understand|catch|hear)\b"
    r"|(sorry, |pardon, )?(could|can|would) you (please )?(repeat|say) (that|it|your)\b"
    r"|(抱歉|对不起|很遗憾).{0,20}(不能|无法|不会|没听|听不)|我(不能|无法)(帮|回答|提供)"
    r"|.{0,10}(听不懂|没听懂|没听清|听不清).{0,10}再(说|讲)"
)
EASTERN = frozenset({"zh", "ja", "ko"})
WORDLESS = frozenset({"sing", "sound", "whisper"})

Setting = str | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One pair that can be made.

    Attributes:
        probe: What is wrong with the worse answer.
        source: The answer that is made worse, or one of two real ones.
        other: The answer of which something is taken: another sample's, or the other real one.
        settings: Factor, emotion, words and so on.
        seed: Of noise and of the voice.
    """

    probe: Probe
    source: Source
    other: Source | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    seed: int = 0

    @property
    def subject(self) -> str:
        """Content hash of all that the pair depends on but the tools that make it."""
        other = self.other.identity if self.other else None
        return content_hash(
            "probe", VERSION, self.probe, self.source.identity, other, self.settings, self.seed, texts_hash()
        )


def draw(
    sources: Sequence[Source], *, probes: Sequence[Probe], pairs: int, languages: frozenset[str], seed: int
) -> tuple[Recipe, ...]:
    """Up to `pairs` recipes for each probe, no two alike, spread over samples and systems by chance.

    Every probe has its own draw, so that leaving one out changes no other.

    Args:
        sources: Answers to make pairs from.
        probes: What is wanted.
        pairs: At most so many each; fewer where there are not enough answers.
        languages: Primary tags that the voice speaks; only for probes that need one.
        seed: Of the draw.
    """
    made: list[Recipe] = []
    for probe in probes:
        rng = np.random.default_rng([seed, list(Probe).index(probe)])
        fit = [source for source in sources if _fits(source, probe, languages)]
        made += _of(probe, [fit[i] for i in rng.permutation(len(fit))], sources, pairs=pairs, rng=rng)
    return tuple(made)


def _fits(source: Source, probe: Probe, languages: frozenset[str]) -> bool:
    kind = KINDS[probe]
    if not source.right and probe is not Probe.REAL:
        return False
    if probe in (Probe.OTHER, Probe.LANGUAGE) and refuses(source):
        return False  # "I cannot do that" is no better than an answer to something else
    if _in_unwanted_language(source) or _says_unwanted(source):
        return False  # the less is heard of what must not be said, the better
    if _wordless(source.sample):
        return False  # what an instrument or judge makes of singing says nothing about speech
    if probe is Probe.ECHO and any(turn.speech is None for turn in source.sample.turns):
        return False
    if kind.words and (source.language not in probe_texts() or len(_words(source)) < FEWEST_WORDS):
        return False
    if probe is Probe.EMPHASIS and len(_stressable(source)) < 2:
        return False
    return not kind.speaks or source.language in languages


def _of(
    probe: Probe, fit: Sequence[Source], every: Sequence[Source], *, pairs: int, rng: np.random.Generator
) -> list[Recipe]:
    """The recipes of one probe. Sources come round again only with other settings."""
    if probe in (Probe.OTHER, Probe.LANGUAGE, Probe.REAL):
        return _with_others(probe, fit, every, pairs=pairs, rng=rng)
    found: dict[str, Recipe] = {}
    rounds = 4 if probe in _DRAWN else 1  # the rest has no settings, and the same pair again tells nothing
    for _ in range(rounds):
        for source in fit:
            if len(found) >= pairs:
                return list(found.values())
            settings = _DRAWN[probe](source, rng) if probe in _DRAWN else {}
            noise = int(rng.integers(2**31))
            key = content_hash(source.identity, settings)
            found.setdefault(key, Recipe(probe=probe, source=source, settings=settings, seed=noise))
    return list(found.values())


def _with_others(
    probe: Probe, fit: Sequence[Source], every: Sequence[Source], *, pairs: int, rng: np.random.Generator
) -> list[Recipe]:
    """Each source with a partner, then each with a second one, and so on."""
    waiting: list[tuple[Source, list[Source]]] = []
    for source in fit:
        partners = [other for other in every if _partner(probe, source, other)]
        waiting.append((source, [partners[i] for i in rng.permutation(len(partners))]))
    found: dict[frozenset[str], Recipe] = {}
    while len(found) < pairs and any(partners for _, partners in waiting):
        for source, partners in waiting:
            if partners and len(found) < pairs:
                other = partners.pop()
                # Two real answers are one pair whoever is drawn first; a wrong answer is another from each side.
                both = sorted([source.identity, other.identity])
                key = frozenset(both) if probe is Probe.REAL else frozenset([source.identity, f"<{other.identity}"])
                found.setdefault(key, Recipe(probe=probe, source=source, other=other))
    return list(found.values())


def _partner(probe: Probe, source: Source, other: Source) -> bool:
    if probe is Probe.REAL:
        alike = source.sample.id == other.sample.id
        return alike and source.system != other.system and source.audio != other.audio
    if len(other.audio) != len(source.audio) or other.sample.id == source.sample.id or _wordless(other.sample):
        return False
    if probe is Probe.LANGUAGE:
        spoken = _in_its_language(source) and _in_its_language(other)
        return spoken and other.language != source.language and not _takes_any_language(source.sample)
    twins = source.sample.twin_group is not None and source.sample.twin_group == other.sample.twin_group
    same = other.language == source.language and not twins
    return same and not refuses(other) and not _in_unwanted_language(other) and not _much_the_same(source, other)


def _much_the_same(one: Source, other: Source) -> bool:
    """Whether one's words are nearly all among the other's: who counts down from ten counts down from five.

    Figures are read as words.
    """
    texts = [spelled(source.words, source.language) for source in (one, other)]
    said = [{word.strip(".,;:!?\"'()。，！？").casefold() for word in _split(t, one.language)} - {""} for t in texts]
    fewer = min(map(len, said))
    return fewer > 0 and len(said[0] & said[1]) >= SAME_WORDS * fewer


def refuses(source: Source) -> bool:
    """Whether the last turn's words begin by turning the request away or asking for it again, in English or Chinese.

    Such words fit any request: they are no right answer to one, and no answer to another one either.
    """
    return bool(_REFUSAL.match(source.words.strip().lower().replace("\u2019", "'")))


def _in_unwanted_language(source: Source) -> bool:
    """Whether the answer's script is not that of the language it should be in."""
    wanted = wanted_languages(source.sample, len(source.sample.turns) - 1)
    return bool(wanted and source.words) and _eastern(source.words) not in {tag in EASTERN for tag in wanted}


def _says_unwanted(source: Source) -> bool:
    """Whether the words hold what the sample forbids."""
    said = source.words.casefold()
    forbidden = (text for e in source.sample.expects if e.cue == "lacks" for text in e.want.casefold().split("|"))
    return any(text.strip() and text.strip() in said for text in forbidden)


def _eastern(words: str) -> bool:
    return bool(re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", words))


def _in_its_language(source: Source) -> bool:
    """Whether the words may be of the sample's language, by their script: a system may answer all in its own."""
    return not source.words or _eastern(source.words) == (source.language in EASTERN)


def _takes_any_language(sample: Sample) -> bool:
    asked = {e.want.split("-")[0].lower() for e in sample.expects if e.cue == "language"}
    spoken = sample.language.split("-")[0].lower()
    return bool(asked - {spoken}) or "lingual" in (sample.seed_task or sample.task or "")


def _wordless(sample: Sample) -> bool:
    return any(e.cue == "style" and e.want in WORDLESS for e in sample.expects)


def _words(source: Source) -> list[str]:
    """The words of the last turn, or its characters where words have no spaces."""
    return _split(source.words, source.language)


def _split(text: str, language: str) -> list[str]:
    return list(text.replace(" ", "")) if language in ("zh", "ja") else text.split()


def shortened(source: Source) -> str:
    """The first whole sentences of the last turn's words, as far as a voice is to say them; else its first words."""
    glue = "" if source.language in ("zh", "ja") else " "
    words = _words(source)
    head = words[: SPOKEN_WORDS * (2 if not glue else 1)]
    ends = [i for i, word in enumerate(head) if word.endswith((".", "!", "?", "。", "！", "？"))]
    return glue.join(head[: ends[-1] + 1] if ends and ends[-1] + 1 >= FEWEST_WORDS else head)


def _stressable(source: Source) -> list[str]:
    """Words worth stressing, each once; none where words are not written apart."""
    if source.language in ("zh", "ja"):
        return []
    bare = [word.strip(".,;:!?\"'()").lower() for word in shortened(source).split()]
    return [word for word in dict.fromkeys(bare) if len(word) >= 4 and word.isalpha() and bare.count(word) == 1]


def _pace(source: Source, rng: np.random.Generator) -> dict[str, Setting]:
    want = ("fast", "slow")[int(rng.integers(2))]
    return {"want": want, "factor": PACE_FACTORS[int(rng.integers(len(PACE_FACTORS)))]}


def _emotion(source: Source, rng: np.random.Generator) -> dict[str, Setting]:
    want = tuple(OPPOSITE)[int(rng.integers(len(OPPOSITE)))]
    return {"want": want, "instead": OPPOSITE[want]}


def _emphasis(source: Source, rng: np.random.Generator) -> dict[str, Setting]:
    words = _stressable(source)
    one, two = (words[i] for i in rng.permutation(len(words))[:2])
    return {"want": one, "instead": two}


_DRAWN: Mapping[Probe, Callable[[Source, np.random.Generator], dict[str, Setting]]] = {
    Probe.PACE: _pace,
    Probe.EMOTION: _emotion,
    Probe.EMPHASIS: _emphasis,
}


def asked(recipe: Recipe) -> Sample:
    """The sample that the pair is judged by: the source's own, or a request to say the answer's words in a manner."""
    source, want = recipe.source, str(recipe.settings.get("want", ""))
    texts = probe_texts().get(source.language)
    own = source.sample
    if texts is None or recipe.probe not in (Probe.MONOTONE, Probe.PACE, Probe.EMOTION, Probe.EMPHASIS):
        return own
    words = source.words if not KINDS[recipe.probe].speaks else shortened(source)
    manner, expectation = {
        Probe.MONOTONE: ("lively", Expectation(cue="range", want="wide")),
        Probe.PACE: (want, Expectation(cue="rate", want=want)),
        Probe.EMOTION: (want, Expectation(cue="emotion", want=want)),
        Probe.EMPHASIS: ("emphasis", Expectation(cue="emphasis", want=want)),
    }[recipe.probe]
    return requested(own, texts.asking(manner, words=words, word=want), expectation)


def requested(own: Sample, script: str, expectation: Expectation) -> Sample:
    """A sample of one turn that asks for one manner of speaking, at the level of expression."""
    turn = Turn(script=script, language=own.turns[-1].language)
    return Sample(
        id=own.id,
        language=own.language,
        turns=(turn,),
        level=Level.L3,
        domain=own.domain,
        task="delivery",
        guideline=f"{expectation.cue}: {expectation.want}",
        expects=(expectation,),
    )
