"""What a reader said of answers: who stands as the better one, and what is no such file."""

from pathlib import Path

import pytest

from s2s_arena.errors import InputError
from s2s_arena.judge.probes.attempts import read_attempts, with_attempts
from s2s_arena.judge.probes.kinds import Probe
from s2s_arena.judge.probes.recipes import draw
from tests.judge.probes.parts import answered

EN = frozenset({"en"})


def written(folder: Path, *lines: str) -> Path:
    path = folder / "read.csv"
    path.write_text("\n".join(("sample,system,attempt,why", *lines)), encoding="utf-8")
    return path


def test_only_answers_that_try_what_was_asked_are_the_better_ones_and_all_can_be_the_other(tmp_path: Path):
    found = read_attempts(written(tmp_path, "s0,short,yes,", "s0,long,No,loops", "s1,short,no,"))
    sources = with_attempts(answered(samples=4).sources, found)
    assert [(s.sample.id, s.system) for s in sources if s.right] == [("s0", "short")]
    for probe in (Probe.OTHER, Probe.HALF):
        drawn = draw(sources, probes=(probe,), pairs=9, languages=EN, seed=0)
        assert {(r.source.sample.id, r.source.system) for r in drawn} == {("s0", "short")}
    others = [r.other for r in draw(sources, probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0) if r.other]
    assert others
    assert not any(other.right for other in others)
    assert len(draw(sources, probes=(Probe.REAL,), pairs=9, languages=EN, seed=0)) == 4  # nobody is the better one


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["s0,short,maybe,"], r"read\.csv, line 2: attempt is 'maybe'; yes or no is needed"),
        (["s0,short,yes,", "s0,short,no,"], r"line 3: s0 of short was yes before"),
    ],
)
def test_a_row_that_cannot_be_counted_is_named(tmp_path: Path, lines: list[str], said: str):
    with pytest.raises(InputError, match=said):
        read_attempts(written(tmp_path, *lines))


def test_what_is_no_such_file_is_named(tmp_path: Path):
    other = tmp_path / "votes.csv"
    other.write_text("sample,system,winner\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"votes\.csv: no column attempt; a CSV with sample, system, attempt is needed"
    ):
        read_attempts(other)
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_attempts(tmp_path / "none.csv")
    with pytest.raises(InputError, match="none of 8 answers is marked yes"):
        with_attempts(answered(samples=4).sources, read_attempts(written(tmp_path, "s0,nobody,yes,")))
