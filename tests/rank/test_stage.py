"""Ranking a study in a store and ranking the same matches from a file give the same board."""

import csv
import io
import json
from pathlib import Path

import pytest

from s2s_arena.errors import InputError
from s2s_arena.rank import agree_formats, agreeing, formats
from s2s_arena.rank.agree_files import agree_file
from s2s_arena.rank.files import run_file
from s2s_arena.rank.stage import Options, Summary, run
from s2s_arena.rank.summary import Ties
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import SampleId, SuiteHash, SuiteName, SystemName
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.studies import Outcome, Study
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.taxonomy import Level
from s2s_arena.store.memory import MemoryStore
from tests.strategies import JUDGE, STUDY, a_match, a_vote

PAIRS = [("a", "b"), ("b", "c_1"), ("c_1", "a")]
HOW = Options(bootstraps=60, by=("level",))


def a_sample(id: str, level: Level) -> Sample:
    return Sample(id=SampleId(id), language="en", level=level, turns=(Turn(script="hi", language="en"),))


SUITE = Suite(name=SuiteName("s"), samples=(a_sample("s0", Level.L1), a_sample("s1", Level.L3)))
STUDY_RECORD = Study(
    name=STUDY,
    suite=SUITE.name,
    suite_hash=SuiteHash("x"),
    systems=tuple(SystemName(s) for s in ("a", "b", "c_1")),
)
MATCHES = [a_match(i, *PAIRS[i % 3], sample=f"s{i % 2}") for i in range(24)]
FIRSTS = [i % 5 != 0 for i in range(24)]


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.put(STUDY_RECORD, *MATCHES)
    for match, first in zip(MATCHES, FIRSTS, strict=True):
        made.append(a_vote(match, Outcome.FIRST if first else Outcome.SECOND))
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = ["system_a,system_b,winner,level,judge,sample"]
    for match, first in zip(MATCHES, FIRSTS, strict=True):
        winner = match.first_system if first else match.second_system
        level = "L1" if match.sample == "s0" else "L3"
        rows.append(f"{match.first_system},{match.second_system},{winner},{level},ear,{match.sample}-{match.index}")
    path = tmp_path / "matches.csv"
    path.write_text("\n".join(rows))
    return path


def ratings(summary: Summary) -> list[object]:
    return [formats.row(standing) for standing in summary.board.standings]


def test_a_study_and_its_match_file_rank_alike(store: MemoryStore, file: Path) -> None:
    one, two = run(store, study=STUDY_RECORD, suite=SUITE, options=HOW), run_file(file, options=HOW)
    assert ratings(one) == ratings(two)
    assert one.slices["level"].macro_bt == two.slices["level"].macro_bt
    assert one.board.up_to == 24


def test_a_board_warns_of_judges_that_nothing_or_nothing_good_is_known_of(store: MemoryStore) -> None:
    card = JudgeCard(name=JUDGE, title="J", model="t")

    def said(**cards: JudgeCard) -> tuple[str, ...]:
        made = run(store, study=STUDY_RECORD, suite=SUITE, options=Options(bootstraps=5), judges=cards)
        assert json.loads(formats.to_json(made))["warnings"] == list(made.warnings)
        return tuple(w for w in made.warnings if w.startswith("judge "))

    assert said() == ()  # people have no card
    assert any("nothing is known" in w and f"judges validate {JUDGE}" in w for w in said(**{JUDGE: card}))
    store.put(JudgeReliability(judge=JUDGE, judge_version="1", figures={"blatant": (0.6, 0.5, 0.7)}))
    assert any("blatant faults 60%" in w for w in said(**{JUDGE: card}))


def test_a_board_of_the_past_can_be_had_again(store: MemoryStore) -> None:
    then = run(store, study=STUDY_RECORD, suite=SUITE, options=Options(up_to=10, bootstraps=5))
    assert (then.board.matches, then.board.up_to) == (10, 10)
    assert then.board.unrated == {"not judged": 14}


def test_a_judge_without_votes_is_named(store: MemoryStore, file: Path) -> None:
    with pytest.raises(InputError, match="judge nobody: no votes in study default; judges with votes: ear"):
        run(store, study=STUDY_RECORD, suite=SUITE, options=Options(judge="nobody"))
    with pytest.raises(InputError, match="judge nobody: no rows; judges with rows: ear"):
        run_file(file, options=Options(judge="nobody"))


def test_the_json_has_the_promised_shape(file: Path) -> None:
    made = json.loads(formats.to_json(run_file(file, options=HOW)))
    assert {"systems", "slices", "method", "judge", "matches", "seed", "warnings"} <= made.keys()
    assert list(made["systems"][0]) == list(formats.COLUMNS)
    assert made["matches"] == 24
    assert set(made["slices"]["level"]["boards"]) == {"L1", "L3"}
    total = sum(figures["bt"] for figures in made["slices"]["level"]["macro"].values())
    assert total == pytest.approx(3000, abs=0.05)


def test_the_csv_has_a_row_per_system_and_board(file: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(formats.to_csv(run_file(file, options=HOW)))))
    assert len(rows) == 3 * 3
    assert {(row["by"], row["value"]) for row in rows} == {("", ""), ("level", "L1"), ("level", "L3")}
    whole = [row for row in rows if not row["by"]]
    assert sum(float(row["p_first"]) for row in whole) == pytest.approx(1.0, abs=1e-3)
    assert all(row["group"] and float(row["robust_low"]) < float(row["bt"]) for row in whole)


def test_latex_is_booktabs_and_escaped(file: Path) -> None:
    text = formats.to_latex(run_file(file, options=HOW))
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 2
    assert r"c\_1 & " in text
    data = [line for line in text.splitlines() if line.startswith(("a &", "b &", r"c\_1 &"))]
    assert len(data) == 6
    assert all(line.endswith(r" \\") for line in data)
    assert formats.latex_escape(r"50% of a\b") == r"50\% of a\textbackslash{}b"


def test_people_get_a_table(file: Path) -> None:
    summary = run_file(file, options=HOW)
    text = f"{formats.board_table(summary.board)}\n{formats.slices_table(summary.slices['level'], method='bt')}"
    assert f"{summary.board.standings[0].bt:.1f}" in text
    assert "L3" in text
    assert "average" in text
    assert any("24 matches" in line for line in formats.notes(summary))


def test_judges_of_a_study_are_compared(store: MemoryStore) -> None:
    for match, first in zip(MATCHES[:10], FIRSTS[:10], strict=True):
        outcome = Outcome.FIRST if first or match.index == 5 else Outcome.SECOND
        store.append(a_vote(match, outcome, judge="person"))
    made = agreeing.run(store, study=STUDY_RECORD)
    assert [(p.one, p.other) for p in made.pairs] == [("ear", "person")]
    assert (made.pairs[0].agreement.cases, made.pairs[0].agreement.value) == (10, 0.9)
    assert [habit.judge for habit in made.habits] == ["ear", "person"]
    text = json.loads(agree_formats.agree_json(made))
    assert text["pairs"][0]["table"] == [[8, 0], [1, 1]]
    assert text["alpha"]["cases"] == 10
    against = agreeing.run(store, study=STUDY_RECORD, reference=("person",))
    assert [(p.one, p.other) for p in against.pairs] == [("ear", "person")]
    assert len(agree_formats.agree_tables(made)) == 2
    with pytest.raises(InputError, match="judge nobody"):
        agreeing.run(store, study=STUDY_RECORD, judges=("nobody",))


def test_judges_of_a_file_are_compared_whatever_order_they_heard(tmp_path: Path) -> None:
    rows = ["system_a,system_b,winner,judge,sample", "x,y,x,m,1", "y,x,x,p,1", "x,y,x,m,2", "x,y,y,p,2", "y,x,y,m,1"]
    path = tmp_path / "m.csv"
    path.write_text("\n".join(rows))
    made = agree_file(path)
    assert (made.pairs[0].agreement.cases, made.pairs[0].agreement.value) == (2, 0.5)
    judge = made.habits[0]
    assert (judge.swaps.cases, judge.swaps.value) == (1, 0.0)
    assert judge.position.difference.value == 1.0
    lonely = tmp_path / "n.csv"
    lonely.write_text("\n".join(["system_a,system_b,winner,judge,sample", "x,y,x,m,1", "x,y,x,p,2"]))
    assert agree_file(lonely).warnings == ("m and p have no match in common",)
    with pytest.raises(InputError, match="no column sample"):
        bare = tmp_path / "b.csv"
        bare.write_text("system_a,system_b,winner,judge\nx,y,x,m\n")
        agree_file(bare)


def test_public_votes_rank(shared_data: Path) -> None:
    path = shared_data / "votes" / "speakbench_annotations.jsonl"
    made = run_file(path, options=Options(bootstraps=50, ties=Ties.HALF))
    assert made.board.matches == 508
    assert made.board.connected


def test_agreement_by_attribute_and_beside_people(tmp_path: Path) -> None:
    rows = ["system_a,system_b,winner,judge,sample,level"]
    for i in range(12):
        level = "L1" if i % 3 else "L2"
        rows += [f"x,y,{'x' if i % 2 else 'y'},{judge},{i},{level}" for judge in ("p", "q")]
        rows.append(f"x,y,x,m,{i},{level}")
    path = tmp_path / "m.csv"
    path.write_text("\n".join(rows))
    made = agree_file(path, reference=("p", "q"), by=("level",))
    assert [(p.one, p.other) for p in made.pairs] == [("m", "p+q"), ("p+q", "p+q")]
    assert {name: part.agreement.cases for name, part in made.parts[:2]} == {"level L1": 16, "level L2": 8}
    (beside,) = made.people
    assert (beside.people.value, beside.model.value, beside.shortfall.value) == (1.0, 0.5, 0.5)
    assert "beside people, on the same matches" in [t.title for t in agree_formats.agree_tables(made)]
    with pytest.raises(InputError, match="no column mood"):
        agree_file(path, by=("mood",))
