"""The two answers of a pair: the worse one has the fault, and nothing else is different."""

import numpy as np
import pytest

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.errors import InputError
from s2s_arena.judge.comparison import HeardTake
from s2s_arena.judge.probes.kinds import NOISE_DB, Probe
from s2s_arena.judge.probes.recipes import draw
from s2s_arena.judge.probes.workshop import Pair, Workshop
from s2s_arena.testing.voices import ScriptedSpeaker
from tests.judge.probes.parts import Stretcher, answered, in_their_languages, seconds

WORLD = answered(samples=4, languages=("en", "zh"))
SHOP = Workshop(WORLD.store, reshaper=Stretcher(), speaker=ScriptedSpeaker())


def made(probe: Probe) -> Pair:
    return SHOP.make(
        draw(
            in_their_languages(WORLD) if probe is Probe.LANGUAGE else WORLD.sources,
            probes=(probe,),
            pairs=1,
            languages=frozenset({"en"}),
            seed=3,
        )[0]
    )


def samples(take: HeardTake) -> np.ndarray:
    assert take.turns[0].speech is not None
    return take.turns[0].speech.samples


@pytest.mark.parametrize("probe", [p for p in Probe if p not in (Probe.REAL, Probe.EMOTION)])
def test_the_two_answers_differ_and_are_the_same_in_every_run(probe: Probe):
    pair, again = made(probe), made(probe)
    assert pair.better.identity != pair.worse.identity
    assert (pair.better.identity, pair.worse.identity) == (again.better.identity, again.worse.identity)
    assert pair.comparison(better_first=True).first is pair.better
    assert pair.comparison(better_first=False).first is pair.worse


def test_silence_is_silent_and_as_long():
    pair = made(Probe.SILENCE)
    assert not samples(pair.worse).any()
    assert seconds(pair.worse) == pytest.approx(seconds(pair.better))
    assert pair.worse.turns[0].own_text is None


def test_half_is_half_of_what_is_said():
    pair = made(Probe.HALF)

    def spoken(take: HeardTake) -> float:
        assert take.turns[0].speech is not None
        return sum(s.end_s - s.start_s for s in active_spans(take.turns[0].speech))

    assert spoken(pair.worse) == pytest.approx(spoken(pair.better) / 2, rel=0.1)
    assert pair.worse.turns[0].own_text == pair.better.turns[0].own_text


@pytest.mark.parametrize("probe", list(NOISE_DB))
def test_noise_has_its_ratio(probe: Probe):
    pair = made(probe)
    clean, noisy = samples(pair.better).astype(np.float64), samples(pair.worse).astype(np.float64)
    gain = (clean @ noisy) / (clean @ clean)
    assert pair.better.turns[0].speech is not None
    mask = active_mask(pair.better.turns[0].speech, active_spans(pair.better.turns[0].speech))
    ratio = 10 * np.log10(np.mean((gain * clean[mask]) ** 2) / np.mean((noisy - gain * clean)[mask] ** 2))
    assert ratio == pytest.approx(NOISE_DB[probe], abs=0.3)


def test_clipping_cuts_off_a_twentieth_of_what_is_said():
    pair = made(Probe.CLIPPING)
    assert pair.better.turns[0].speech is not None
    spoken = active_mask(pair.better.turns[0].speech, active_spans(pair.better.turns[0].speech))
    assert np.mean(np.abs(samples(pair.worse))[spoken] >= 1.0) == pytest.approx(0.05, abs=0.005)


def test_a_narrow_band_has_nothing_above_four_kilohertz():
    wave = made(Probe.BAND).worse
    spectrum = np.abs(np.fft.rfft(samples(wave)))
    hz = np.fft.rfftfreq(len(samples(wave)), 1 / 16000)
    assert spectrum[hz > 4100].sum() < 0.01 * spectrum.sum()


def test_an_echo_is_the_question():
    pair = made(Probe.ECHO)
    assert pair.questions[0] is not None
    assert np.array_equal(samples(pair.worse), pair.questions[0].samples)


def test_pace_goes_the_way_that_was_asked_by_the_factor():
    for recipe in draw(WORLD.sources, probes=(Probe.PACE,), pairs=6, languages=frozenset({"en"}), seed=3):
        pair = SHOP.make(recipe)
        ratio = seconds(pair.worse) / seconds(pair.better)
        factor = float(recipe.settings["factor"])
        assert ratio == pytest.approx(factor if recipe.settings["want"] == "fast" else 1 / factor, rel=0.01)


def test_padding_adds_words_and_takes_none_away():
    pair = made(Probe.PADDED)
    assert pair.better.turns[0].own_text is not None
    assert pair.worse.turns[0].own_text is not None
    assert pair.worse.turns[0].own_text.startswith(pair.better.turns[0].own_text)
    assert seconds(pair.worse) > seconds(pair.better) * 2


def test_every_turn_of_a_dialogue_gets_the_fault_and_a_request_is_about_the_last():
    world = answered(samples=3, turns=2)
    shop = Workshop(world.store, reshaper=Stretcher(), speaker=ScriptedSpeaker())
    noisy, paced = (
        shop.make(draw(world.sources, probes=(p,), pairs=1, languages=frozenset({"en"}), seed=0)[0])
        for p in (Probe.NOISE_0, Probe.PACE)
    )
    assert [a.audio != b.audio for a, b in zip(noisy.better.turns, noisy.worse.turns, strict=True)] == [True, True]
    assert (len(noisy.questions), len(paced.questions), len(paced.better.turns)) == (2, 1, 1)


@pytest.mark.parametrize("probe", [Probe.PACE, Probe.EMOTION])
def test_what_needs_a_tool_that_is_not_here_says_so(probe: Probe):
    recipe = draw(WORLD.sources, probes=(probe,), pairs=1, languages=frozenset({"en"}), seed=3)[0]
    with pytest.raises(InputError, match="install the extra"):
        Workshop(WORLD.store).make(recipe)


@pytest.mark.parametrize("probe", [Probe.SILENCE, Probe.OTHER, Probe.NOISE_0, Probe.REAL])
def test_tools_that_a_pair_is_not_made_with_make_no_other_pair(probe: Probe):
    assert SHOP.tools(probe) == Workshop(WORLD.store).tools(probe)


@pytest.mark.parametrize("probe", [Probe.PACE, Probe.ROBOTIC, Probe.EMPHASIS, Probe.PADDED])
def test_other_tools_make_other_pairs(probe: Probe):
    assert SHOP.tools(probe) != Workshop(WORLD.store).tools(probe)
