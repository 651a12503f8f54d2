"""Slices are separate runs from 1000, and their average is the plain mean."""

import numpy as np
import pytest

from s2s_arena.boards.plain import PlainMatch, plain_games
from s2s_arena.boards.sliced import sliced
from s2s_arena.boards.slices import attribute, slices
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import current
from s2s_arena.errors import InputError
from s2s_arena.records.identity import SampleId, SystemName
from s2s_arena.records.samples import Background, Sample, Turn
from s2s_arena.records.speech import Traits
from s2s_arena.records.studies import Outcome
from s2s_arena.records.taxonomy import Level
from tests.strategies import a_match, a_vote

AB = (SystemName("a"), SystemName("b"))


def a_sample(id: str, level: Level | None, **fields: object) -> Sample:
    turn = Turn(
        script="hello",
        language="en",
        traits=Traits(gender="female"),
        background=Background(scene="cafe", snr_db=10),
        labels={"emotion": "sad"},
    )
    return Sample(id=SampleId(id), language="en", turns=(turn,), level=level, **fields)  # type: ignore[arg-type]


SAMPLES = [a_sample("s1", Level.L1), a_sample("s2", Level.L2), a_sample("s3", None)]
MATCHES = [a_match(i, "a", "b", sample=f"s{1 + i % 3}") for i in range(30)]
VOTES = current([a_vote(m, Outcome.FIRST if i % 3 else Outcome.SECOND, number=i + 1) for i, m in enumerate(MATCHES)])


def test_each_slice_is_the_board_of_its_matches_alone() -> None:
    made = slices(MATCHES, VOTES, samples=SAMPLES, by="level", systems=AB, bootstraps=10)
    assert list(made.boards) == ["L1", "L2"]
    mine = [m for m in MATCHES if m.sample == "s1"]
    assert made.boards["L1"] == board(mine, VOTES, systems=AB, bootstraps=10)
    assert any("10 matches have no level" in w for w in made.warnings)


def test_the_macro_average_is_the_plain_mean_of_the_slices() -> None:
    made = slices(MATCHES, VOTES, samples=SAMPLES, by="level", systems=AB, bootstraps=10)
    elos = [next(s.elo for s in b.standings if s.system == "a") for b in made.boards.values()]
    assert made.macro_elo["a"] == pytest.approx(np.mean(elos))
    assert sum(made.macro_elo.values()) == pytest.approx(2000)
    assert sum(made.macro_bt.values()) == pytest.approx(2000)


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("level", "L1"),
        ("language", "en"),
        ("gender", "female"),
        ("noise", "cafe"),
        ("emotion", "sad"),
        ("topic", "weather"),
        ("origin", "synthetic"),
        ("domain", None),
        ("nonsense", None),
    ],
)
def test_any_attribute_of_a_sample_can_be_sliced_by(by: str, value: str | None) -> None:
    assert attribute(a_sample("s1", Level.L1, attributes={"topic": "weather"}), by) == value


def test_an_attribute_that_no_sample_has_is_refused() -> None:
    with pytest.raises(InputError, match="attribute colour: no sample has it"):
        slices(MATCHES, VOTES, samples=SAMPLES, by="colour", systems=AB)


def test_plain_matches_slice_the_same_way() -> None:
    rows = [
        PlainMatch(
            system_a="a",
            system_b="b",
            outcome=Outcome.FIRST if i % 3 else Outcome.SECOND,
            attributes={} if i % 3 == 2 else {"level": f"L{1 + i % 3}"},
        )
        for i in range(30)
    ]
    games, _ = plain_games(rows)
    one = sliced(games, by="level", bootstraps=10)
    two = slices(MATCHES, VOTES, samples=SAMPLES, by="level", systems=AB, bootstraps=10)
    assert one.macro_bt == two.macro_bt
    assert one.macro_elo == two.macro_elo
    with pytest.raises(InputError, match="attribute colour"):
        sliced(games, by="colour")
