"""Making a pair: the better and the worse answer as they are heard, by an editor of delivery and a voice."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.judge import editing
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn
from s2s_arena.judge.editing import Reshaper
from s2s_arena.judge.probes.kinds import KINDS, NOISE_DB, Probe
from s2s_arena.judge.probes.recipes import Recipe, asked, shortened
from s2s_arena.judge.probes.sources import Source
from s2s_arena.judge.probes.texts import probe_texts
from s2s_arena.protocols import Speaker, Store
from s2s_arena.records.identity import content_hash
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import AudioRef, Delivery, Segment, Utterance

FLAT = 0.05  # of the voice's own range: a monotone voice still trembles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """Two answers to one question, the worse one known, or two real ones."""

    recipe: Recipe
    sample: Sample
    questions: tuple[Waveform | None, ...]
    better: HeardTake
    worse: HeardTake

    def comparison(self, *, better_first: bool, seed: int = 0) -> Comparison:
        """The pair as a judge gets it."""
        heard = Comparison(
            sample=self.sample, questions=self.questions, first=self.better, second=self.worse, seed=seed
        )
        return heard if better_first else heard.swapped


class Workshop:
    """Makes pairs; keeps none.

    Args:
        store: Where answers are.
        reshaper: Changes delivery; without one, recipes that need it are refused.
        speaker: Says words as directed; without one, recipes that need it are refused, and requests stay text.
    """

    def __init__(self, store: Store, *, reshaper: Reshaper | None = None, speaker: Speaker | None = None) -> None:
        self._store = store
        self._reshaper = reshaper
        self._speaker = speaker

    def tools(self, probe: Probe) -> str:
        """Content hash of the tools that pairs of a probe are made with, so that other tools make no other pairs."""
        kind = KINDS[probe]
        reshaper = self._reshaper if kind.reshapes else None
        speaker = self._speaker if kind.speaks or probe in _MADE else None
        return content_hash("workshop", [tool.identity if tool else None for tool in (reshaper, speaker)])

    def make(self, recipe: Recipe) -> Pair:
        """The pair.

        Raises:
            AudioError: The answer has nothing in it that the edit could change.
            InputError: A tool is missing, or the voice cannot say the words.
        """
        sample = asked(recipe)
        made = recipe.probe in _MADE
        questions = (self._request(sample, recipe.seed),) if made else self._questions(recipe.source)
        better, worse = _BUILDS[recipe.probe](self, recipe)
        return Pair(recipe=recipe, sample=sample, questions=questions, better=better, worse=worse)

    # ------------------------------------------------------------------------------------------------ parts

    def heard(self, source: Source) -> HeardTake:
        """An answer as it is."""
        turns = []
        take = self._store.get(Take, source.take)
        keys = take.responses if take else ()
        for key in keys:
            response = self._store.get(Response, key)
            if response is None or response.speech is None:
                raise InputError(f"take {source.take}: its speech is gone; run s2s-arena verify")
            wave = self._store.audio(response.speech.hash)
            turns.append(HeardTurn(speech=wave, audio=response.speech, own_text=response.text))
        return HeardTake(turns=tuple(turns))

    def question(self, source: Source, turn: int) -> Waveform | None:
        """What the user said in a turn."""
        ref = source.sample.turns[turn].speech
        return self._store.audio(ref.hash) if ref else None

    def reshaped(self, speech: Waveform, **how: float) -> Waveform:
        """The speech said otherwise."""
        if self._reshaper is None:
            raise InputError("probe: delivery cannot be edited here; install the extra: pip install 's2s-arena[local]'")
        return self._reshaper.reshape(speech, **how)

    def spoken(self, text: str, *, language: str, delivery: Delivery | None = None, seed: int = 0) -> HeardTake:
        """The text said by the voice, as a take of one turn."""
        if self._speaker is None:
            raise InputError("probe: no voice here; install the extra: pip install 's2s-arena[local]'")
        segment = Segment(text=text, language=language, delivery=delivery or Delivery())
        wave = self._speaker.speak(Utterance(segments=(segment,)), seed=seed)
        return HeardTake(turns=(turn_of(wave, text),))

    def _questions(self, source: Source) -> tuple[Waveform | None, ...]:
        return tuple(self.question(source, turn) for turn in range(len(source.sample.turns)))

    def _request(self, sample: Sample, seed: int) -> Waveform | None:
        turn = sample.turns[-1]
        if self._speaker is None or turn.language.split("-")[0] not in self._speaker.languages:
            return None
        segment = Segment(text=turn.script, language=turn.language)
        return self._speaker.speak(Utterance(segments=(segment,)), seed=seed)


def turn_of(wave: Waveform, text: str | None) -> HeardTurn:
    """A turn of that sound."""
    ref = AudioRef(hash=wave.hash(), rate_hz=wave.rate_hz, frames=wave.frames)
    return HeardTurn(speech=wave, audio=ref, own_text=text)


def edited(take: HeardTake, edit: Callable[[Waveform], Waveform], *, text: bool = True) -> HeardTake:
    """Every turn of a take after an edit; `text` False where the system's own words no longer belong to it."""
    turns = tuple(
        turn if turn.speech is None else turn_of(edit(turn.speech), turn.own_text if text else None)
        for turn in take.turns
    )
    return replace(take, turns=turns)


Both = tuple[HeardTake, HeardTake]


def _edit(change: Callable[[Waveform, Recipe], Waveform], *, text: bool = True) -> Callable[[Workshop, Recipe], Both]:
    def build(shop: Workshop, recipe: Recipe) -> Both:
        take = shop.heard(recipe.source)
        return take, edited(take, lambda wave: change(wave, recipe), text=text)

    return build


def _noise(wave: Waveform, recipe: Recipe) -> Waveform:
    return editing.noisy(wave, NOISE_DB[recipe.probe], rng=np.random.default_rng(recipe.seed))


def _others(shop: Workshop, recipe: Recipe) -> Both:
    if recipe.other is None:
        raise InputError(f"probe {recipe.probe}: no other answer in the recipe; draw it with `recipes.draw`")
    return shop.heard(recipe.source), shop.heard(recipe.other)


def _echo(shop: Workshop, recipe: Recipe) -> Both:
    asked_for = [shop.question(recipe.source, turn) for turn in range(len(recipe.source.audio))]
    echo = HeardTake(turns=tuple(turn_of(wave, None) for wave in asked_for if wave is not None))
    return shop.heard(recipe.source), echo


def _last(shop: Workshop, recipe: Recipe) -> HeardTake:
    return HeardTake(turns=shop.heard(recipe.source).turns[-1:])


def _monotone(shop: Workshop, recipe: Recipe) -> Both:
    take = _last(shop, recipe)
    # Both go through the editor, else its traces would tell them apart.
    return edited(take, lambda w: shop.reshaped(w)), edited(take, lambda w: shop.reshaped(w, pitch_range=FLAT))


def _pace(shop: Workshop, recipe: Recipe) -> Both:
    take, half = _last(shop, recipe), math.sqrt(float(recipe.settings["factor"]))
    faster = edited(take, lambda w: shop.reshaped(w, rate=half))
    slower = edited(take, lambda w: shop.reshaped(w, rate=1.0 / half))
    return (faster, slower) if recipe.settings["want"] == "fast" else (slower, faster)


def _robotic(shop: Workshop, recipe: Recipe) -> Both:
    take = shop.heard(recipe.source)
    flat = edited(take, lambda w: shop.reshaped(w, pitch_range=0.0, buzz=1.0))
    return edited(take, lambda w: shop.reshaped(w)), flat


def _emotion(shop: Workshop, recipe: Recipe) -> Both:
    def saying(emotion: str) -> HeardTake:
        return shop.spoken(
            shortened(recipe.source),
            language=recipe.source.language,
            delivery=Delivery(emotion=emotion),
            seed=recipe.seed,
        )

    return saying(str(recipe.settings["want"])), saying(str(recipe.settings["instead"]))


def _emphasis(shop: Workshop, recipe: Recipe) -> Both:
    def stressing(word: str) -> HeardTake:
        return shop.spoken(
            shortened(recipe.source),
            language=recipe.source.language,
            delivery=Delivery(emphasis=(word,)),
            seed=recipe.seed,
        )

    return stressing(str(recipe.settings["want"])), stressing(str(recipe.settings["instead"]))


def _padded(shop: Workshop, recipe: Recipe) -> Both:
    source = recipe.source
    glue = "" if source.language in ("zh", "ja") else " "
    padding = glue.join(probe_texts()[source.language].padding)
    text = shortened(source)
    speak = [shop.spoken(t, language=source.language, seed=recipe.seed) for t in (text, f"{text}{glue}{padding}")]
    earlier = shop.heard(source).turns[:-1]
    plain, long = (HeardTake(turns=(*earlier, *take.turns)) for take in speak)
    return plain, long


_BUILDS: dict[Probe, Callable[[Workshop, Recipe], Both]] = {
    Probe.SILENCE: _edit(lambda wave, _: editing.silent(wave), text=False),
    Probe.HALF: _edit(lambda wave, _: editing.first_half(wave)),
    Probe.OTHER: _others,
    Probe.LANGUAGE: _others,
    Probe.ECHO: _echo,
    Probe.NOISE_0: _edit(_noise),
    Probe.NOISE_5: _edit(_noise),
    Probe.NOISE_10: _edit(_noise),
    Probe.CLIPPING: _edit(lambda wave, _: editing.clipped(wave)),
    Probe.BAND: _edit(lambda wave, _: editing.narrow(wave)),
    Probe.MONOTONE: _monotone,
    Probe.PACE: _pace,
    Probe.EMOTION: _emotion,
    Probe.EMPHASIS: _emphasis,
    Probe.ROBOTIC: _robotic,
    Probe.PADDED: _padded,
    Probe.REAL: _others,
}
_MADE = (Probe.MONOTONE, Probe.PACE, Probe.EMOTION, Probe.EMPHASIS)
