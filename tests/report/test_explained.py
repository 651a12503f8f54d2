"""What moved a judge is drawn over the waveforms, readable as XML, and says what the record says."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.explanations import Effect, Explanation
from s2s_arena.records.identity import JudgeName, MatchId
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import Outcome
from s2s_arena.report import stage
from s2s_arena.report.explained import figure, lanes, summary
from tests.worlds import small_study, tone

SVG = "{http://www.w3.org/2000/svg}"
SYSTEMS = ("<strong>", "weak & wordy")


def effect(edit: str = "words", *, shift: float = 0.5, side: str = "first", **other: object) -> Effect:
    given = Effect(
        side=side, turn=0, edit=edit, start_s=0.0, end_s=1.0, text="</text><b>one", outcome=Outcome.SECOND,
        margin=-0.1, shift=shift, flipped=shift > 0.4,
    )  # fmt: skip
    return replace(given, **other)  # type: ignore[arg-type]


EFFECTS = (
    effect(),
    effect(start_s=0.0, end_s=0.5, shift=0.2, text="one"),
    effect(start_s=0.5, end_s=1.0, shift=-0.1, text="two"),
    effect("noise", shift=-0.3, text=""),
    effect("noise", shift=0.1, side="second", text=""),
)


def explanation(match: str = "m", effects: tuple[Effect, ...] = EFFECTS) -> Explanation:
    return Explanation(
        match=MatchId(match), judge=JudgeName("j"), judge_version="j/1", tools="t", budget=9, calls=6,
        outcome=Outcome.FIRST, margin=0.4, audio=((), ()), effects=effects, notes=("slower: <too short>",),
    )  # fmt: skip


def drawn(what: Explanation, first: Waveform | None = None, second: Waveform | None = None) -> ET.Element:
    return ET.fromstring(figure(what, systems=SYSTEMS, speech=((first,), (second,))))


def boxes(svg: ET.Element) -> dict[str, tuple[float, float, float]]:
    """Title of a word box -> x, y, width."""
    found = {}
    for rect in svg.iter(f"{SVG}rect"):
        title = rect.find(f"{SVG}title")
        if title is not None and title.text:
            found[title.text] = (float(rect.get("x", 0)), float(rect.get("y", 0)), float(rect.get("width", 0)))
    return found


def test_words_lie_under_their_place_in_the_sound_and_parts_below_wholes() -> None:
    found = boxes(drawn(explanation(), tone(300, 1.0), tone(300, 2.0)))
    whole, one, two = (next(v for k, v in found.items() if says in k) for says in ("<b>one", "“one”", "“two”"))
    assert whole[2] == pytest.approx(one[2] + two[2], abs=0.2)  # half a second each, of one
    assert whole[2] == pytest.approx((920 - 32) / 2, abs=0.2)  # one second, on the scale of the longer answer
    assert one[0] == whole[0]
    assert two[0] == pytest.approx(one[0] + one[2], abs=0.2)
    assert one[1] == two[1] > whole[1]


def test_what_is_lost_and_gained_has_its_own_colour_and_a_turned_verdict_a_border() -> None:
    svg = drawn(explanation(), tone(300, 1.0), tone(300, 1.0))
    by_title = {t.text: r for r in svg.iter(f"{SVG}rect") if (t := r.find(f"{SVG}title")) is not None}
    (turned,) = [r for text, r in by_title.items() if "another verdict" in str(text)]
    (gained,) = [r for text, r in by_title.items() if "-0.100" in str(text)]
    assert turned.get("fill") != gained.get("fill")
    assert turned.get("stroke") != gained.get("stroke")
    assert float(turned.get("fill-opacity", 0)) > float(gained.get("fill-opacity", 0))


def test_text_is_never_markup() -> None:
    svg = drawn(explanation(), tone(300, 1.0))
    assert not list(svg.iter(f"{SVG}b"))
    assert any("<strong>, heard first · won" in (t.text or "") for t in svg.iter(f"{SVG}text"))


def test_an_answer_without_speech_is_left_out_and_silence_has_a_flat_line() -> None:
    assert len(list(drawn(explanation(effects=()), tone(300, 1.0), None).iter(f"{SVG}path"))) == 1
    silent = Waveform(np.zeros(1600, dtype=np.float32), 16000)
    assert len(list(drawn(explanation(), silent, silent).iter(f"{SVG}path"))) == 2


def test_the_summary_names_the_winner_and_what_told_most() -> None:
    said = summary(explanation(), systems=SYSTEMS)
    assert said.startswith("<strong> won by 0.40; of 5 changes, 1 turned the verdict.")
    assert "without “</text><b>one” (+0.50)" in said


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=14)


@given(spans)
def test_no_two_stretches_of_a_lane_overlap_and_none_is_lost(places: list[tuple[int, int]]) -> None:
    effects = [effect(start_s=float(a), end_s=float(a + n)) for a, n in places]
    rows = lanes(effects)
    assert sorted((e.start_s, e.end_s) for row in rows for e in row) == sorted((e.start_s, e.end_s) for e in effects)
    for row in rows:
        ordered = sorted(row, key=lambda e: e.start_s)
        assert all(a.end_s <= b.start_s for a, b in pairwise(ordered))


def test_the_explorer_shows_the_last_explanation_of_each_judge(tmp_path: Path) -> None:
    world = small_study()
    match = next(iter(world.store.all(Match)))
    world.store.put(explanation(match.id, EFFECTS[:1]))
    world.store.put(replace(explanation(match.id), budget=10))
    stage.run(world.study, world.suite, store=world.store, out=tmp_path, systems={}, judges={}, bootstraps=20)
    text = (tmp_path / "data" / "matches.js").read_text(encoding="utf-8")
    shown = json.loads(text.removeprefix("window.ARENA_MATCHES = ").removesuffix(";\n"))["matches"]
    explained = {m["id"]: m["explained"] for m in shown}
    (found,) = explained.pop(match.id[:16])
    assert not any(explained.values())
    assert (found["judge"], len(found["rows"]), found["notes"]) == ("j", 5, ["slower: <too short>"])
    assert found["rows"][0] == [match.first_system, "words", "0.0-1.0", "</text><b>one", "+0.500", "turns"]
    ET.parse(tmp_path / found["figure"])
