"""The paper folder of a study: every table, figure and citation there, and what people said apart from models."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from s2s_arena.errors import InputError
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.studies import Outcome
from s2s_arena.records.systems import SystemCard
from s2s_arena.report import stage
from s2s_arena.report.paper.bibliography import ENTRIES, bibliography
from tests.report.paper.latex import problems
from tests.worlds import World, small_study


def with_people() -> World:
    """Two people beside the model; they differ from it on three matches."""
    world = small_study()
    for event in list(world.store.events()):
        verdict = event.verdict
        if verdict is None:
            continue
        for name in ("ann", "bob"):
            said = verdict.outcome.swapped if verdict.order[1] in (1, 4, 7) else verdict.outcome
            vote = replace(verdict, judge=JudgeName(name), outcome=said, parsed="person", judge_version="", criteria={})
            world.store.append(
                replace(event, id=f"{event.id}-{name}", judge=JudgeName(name), verdict=vote, number=None)
            )
    return world


CARDS = {
    "strong": SystemCard(
        name="strong",
        title="Strong",
        model="m",
        kind="industry",
        backbone="Qwen_2.5 7B",
        encoder="Whisper",
        decoder="FM",
    ),
    "middling": SystemCard(name="middling", title="Middling", model="m", kind="academia", backbone="LLaMA 7B"),
}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = with_people()
    out = tmp_path_factory.mktemp("paper")
    stage.run(world.study, world.suite, store=world.store, out=out, systems=CARDS, judges={}, bootstraps=40, paper=True)
    return out / "paper"


def test_every_file_is_well_formed_latex(paper: Path) -> None:
    files = sorted(paper.glob("*.tex"))
    assert [f.stem for f in files] == [
        "methods", "paper", "table10_people", "table2_levels", "table3_judges", "table4_overall", "table5_domains",
        "table6_levels", "table8_tasks",
    ]  # fmt: skip
    assert {f.name: problems(f.read_text(encoding="utf-8")) for f in files} == {f.name: [] for f in files}


def test_the_document_inputs_every_part_and_every_part_is_there(paper: Path) -> None:
    text = (paper / "paper.tex").read_text(encoding="utf-8")
    parts = re.findall(r"\\input\{(\w+)\}", text)
    assert {f"{name}.tex" for name in parts} == {f.name for f in paper.glob("*.tex")} - {"paper.tex"}
    pictures = re.findall(r"\{(\w+\.pdf)\}", text)
    assert pictures == ["win_rates.pdf", "by_level.pdf", "by_domain.pdf"]
    assert all((paper / name).read_bytes().startswith(b"%PDF") for name in pictures)


def test_every_citation_has_its_entry_and_every_entry_is_cited(paper: Path) -> None:
    cited = set(",".join(re.findall(r"\\cite[tp]?\{([^}]*)\}", (paper / "methods.tex").read_text())).split(","))
    entries = set(re.findall(r"@\w+\{(\w+),", (paper / "references.bib").read_text(encoding="utf-8")))
    assert cited == entries
    assert {"s2sarena", "elo", "bradleyterry", "cohen", "wilson"} <= cited


def rows(path: Path) -> dict[str, list[str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.endswith(r"\\")]
    cells = [[c.strip().removeprefix(r"\textbf{").removesuffix("}") for c in line[:-2].split(" & ")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_the_judge_is_compared_with_people(paper: Path) -> None:
    row = rows(paper / "table3_judges.tex")["listener"]
    assert row[-1] == "36"  # 18 matches, two people each; they differ from it on three matches
    assert float(row[2]) == pytest.approx(100 * 30 / 36, abs=0.01)


def test_people_have_a_board_of_their_own(paper: Path) -> None:
    text = (paper / "table10_people.tex").read_text(encoding="utf-8")
    assert "2 judges, 36 comparisons" in text
    assert set(rows(paper / "table10_people.tex")) == {"System", "strong", "middling", r"<weak \& wordy>"}


def test_counts_are_those_of_the_suite(paper: Path) -> None:
    assert rows(paper / "table2_levels.tex")["synthetic"] == ["1", "2", "2", "1", "1", "6"]
    assert rows(paper / "table8_tasks.tex")[""][1:] == ["2", "2", "1", "1", "6"]


def test_systems_stand_in_groups_by_their_source(paper: Path) -> None:
    lines = (paper / "table6_levels.tex").read_text(encoding="utf-8").splitlines()
    body = [line.split(" & ")[:2] for line in lines if line.endswith(r"\\")][1:]
    assert [source for source, _ in body] == ["industry", "academia", "--"]
    assert r"Qwen\_2.5 7B & Whisper & FM \\" in "\n".join(lines)


def test_the_methods_say_what_the_records_say(paper: Path) -> None:
    text = (paper / "methods.tex").read_text(encoding="utf-8")
    wanted = (
        "3 speech-to-speech systems",
        "6 spoken samples in en and zh",
        "(L1 2, L2 2, L3 1, L4 1)",
        "in rounds of 20 (seed 0)",
        "listener 18",
        "ties were not allowed",
        "40 draws from the fit and its sandwich covariance",
    )
    for said in wanted:
        assert said in text


def test_ties_have_a_column_so_that_counts_add_up(tmp_path: Path) -> None:
    world = with_people()
    rules = replace(world.study.rules, outcomes=(Outcome.FIRST, Outcome.SECOND, Outcome.TIE))
    study = replace(world.study, rules=rules)
    for event in list(world.store.events()):
        if event.verdict is not None and event.judge == "bob" and event.verdict.order[1] % 2:
            tie = replace(event.verdict, outcome=Outcome.TIE)
            world.store.append(replace(event, id=f"{event.id}-tie", verdict=tie, revision=2, number=None))
    stage.run(study, world.suite, store=world.store, out=tmp_path, systems={}, judges={}, bootstraps=20, paper=True)
    text = (tmp_path / "paper" / "table4_overall.tex").read_text(encoding="utf-8")
    assert not problems(text)
    assert r"Wins & Losses & Ties & Matches \\" in text
    assert "a tie is half a win" in text
    rows = [line.removesuffix(r" \\").split(" & ")[-4:] for line in text.splitlines() if "[" in line and " & " in line]
    counted = [[int(cell) for cell in row] for row in rows]
    assert len(counted) == 3
    assert all(wins + losses + ties == matches for wins, losses, ties, matches in counted)
    assert sum(ties for _, _, ties, _ in counted) > 0


def test_people_can_be_named_and_a_stranger_is_refused(tmp_path: Path) -> None:
    world = small_study()
    options = {"systems": {}, "judges": {}, "bootstraps": 20, "paper": True}
    stage.run(world.study, world.suite, store=world.store, out=tmp_path, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "paper" / "table10_people.tex").exists()
    with pytest.raises(InputError, match="people nobody: no verdicts in study default; judges with verdicts: listener"):
        stage.run(
            world.study,
            world.suite,
            store=world.store,
            out=tmp_path,
            people=("nobody",),
            **options,  # type: ignore[arg-type]
        )
    stage.run(
        world.study,
        world.suite,
        store=world.store,
        out=tmp_path,
        people=("listener",),
        **options,  # type: ignore[arg-type]
    )
    assert (tmp_path / "paper" / "table10_people.tex").exists()


def test_a_second_paper_has_the_same_bytes(paper: Path, tmp_path: Path) -> None:
    world = with_people()
    stage.run(
        world.study, world.suite, store=world.store, out=tmp_path, systems=CARDS, judges={}, bootstraps=40, paper=True
    )
    for file in paper.iterdir():
        assert file.read_bytes() == (tmp_path / "paper" / file.name).read_bytes(), file.name


def test_entries_are_balanced_and_named_by_their_key() -> None:
    for key, entry in ENTRIES.items():
        assert entry.count("{") == entry.count("}")
        assert re.match(rf"@\w+\{{{key},", entry)
        assert "year = {" in entry
    assert bibliography({"elo"}).strip() == ENTRIES["elo"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="optional oracle not installed: pdflatex")
def test_a_compiler_agrees(paper: Path, tmp_path: Path) -> None:
    shutil.copytree(paper, tmp_path / "p")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path / "p",
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
