import csv
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from s2s_arena.audio.files import read
from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.systems import JudgeCard, SystemCard
from s2s_arena.report import stage
from s2s_arena.store.memory import MemoryStore
from tests.worlds import SYSTEMS, World, small_study


class Page(HTMLParser):
    """Collects what a page refers to, and the text of its cells."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.text: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.refers += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def written(world: World, out: Path, **options: object) -> stage.Summary:
    return stage.run(
        world.study,
        world.suite,
        store=world.store,
        out=out,
        systems=options.pop("systems", {}),  # type: ignore[arg-type]
        judges=options.pop("judges", {}),  # type: ignore[arg-type]
        bootstraps=50,
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One report for all tests that only read it: drawing figures takes a second."""
    out = tmp_path_factory.mktemp("report")
    written(world, out)
    return out


def explorer_data(out: Path) -> dict[str, object]:
    text = (out / "data" / "matches.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.ARENA_MATCHES = ").removesuffix(";\n"))


def test_every_page_refers_only_to_files_of_the_report(folder: Path) -> None:
    pages = sorted(folder.glob("*.html"))
    assert len(pages) == 7
    for page in pages:
        for target in Page(page).refers:
            assert (folder / target.partition("#")[0]).is_file(), f"{page.name} -> {target}"


def test_every_answer_of_every_match_can_be_heard_or_says_why_not(folder: Path) -> None:
    data = explorer_data(folder)
    assert len(data["matches"]) == 18
    for match in data["matches"]:
        for take in (data["takes"][match["first"]], data["takes"][match["second"]]):
            for turn in take["turns"]:
                if turn["audio"]:
                    assert read(folder / turn["audio"]).duration_s == pytest.approx(0.2)
                else:
                    assert turn["failure"].startswith("silent")
        for turn in data["samples"][match["sample"]]["turns"]:
            assert (folder / turn["audio"]).is_file()


def test_verdicts_name_the_winner_and_an_abstention_has_none(folder: Path) -> None:
    for match in explorer_data(folder)["matches"]:
        (verdict,) = match["verdicts"]
        by_name = {c["name"]: c for c in verdict["criteria"]}
        assert verdict["winner"] in SYSTEMS
        assert by_name["quality"]["winner"] == verdict["winner"]
        assert by_name["expressiveness"]["winner"] == ""


def test_text_from_outside_cannot_become_markup(folder: Path) -> None:
    assert "</script><b>" not in (folder / "data" / "matches.js").read_text(encoding="utf-8")
    assert "<weak & wordy>" not in (folder / "index.html").read_text(encoding="utf-8")
    assert "<weak & wordy>" in "".join(Page(folder / "index.html").text)


def test_the_csv_says_what_the_board_says(world: World, tmp_path: Path) -> None:
    summary = written(world, tmp_path)
    with (tmp_path / "data" / "leaderboard.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["system"] for r in rows] == [s.system for s in summary.board.standings] == list(SYSTEMS)
    assert [int(r["wins"]) for r in rows] == [s.wins for s in summary.board.standings]


def test_the_match_table_has_each_verdict_once(folder: Path) -> None:
    with (folder / "data" / "matches.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 18
    assert all(r["winner"] in (r["system_a"], r["system_b"]) for r in rows)


def test_weights_shared_between_judge_and_contestant_are_said_on_the_board(world: World, tmp_path: Path) -> None:
    card = SystemCard(name="strong", title="Strong", model="cascade", weights=("ears-1", "mind-1"))
    judge = JudgeCard(name="listener", title="Listener", model="local-judge", weights=("ears-1",))
    summary = written(world, tmp_path, systems={"strong": card}, judges={"listener": judge})
    assert any("shares weights with strong (ears-1)" in w for w in summary.warnings)
    assert "shares weights with strong (ears-1)" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_methods_name_hash_seed_prompt_and_sampling(world: World, folder: Path) -> None:
    text = "".join(Page(folder / "methods.html").text)
    for needed in (world.suite.hash, "ab" * 32, "paper, 10% uniform", "K = 32", "numpy 2"):
        assert needed in text


def test_a_second_report_has_the_same_bytes(world: World, folder: Path, tmp_path: Path) -> None:
    written(world, tmp_path)
    files = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    differing = [str(f) for f in files if (folder / f).read_bytes() != (tmp_path / f).read_bytes()]
    assert differing == []


def test_without_verdicts_the_error_says_what_to_run(world: World, tmp_path: Path) -> None:
    bare = World(store=MemoryStore(), suite=world.suite, study=world.study)
    with pytest.raises(WorkspaceError, match="run s2s-arena judge first"):
        written(bare, tmp_path)


def test_an_unknown_judge_is_refused_with_those_there_are(world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="judges with verdicts: listener"):
        written(world, tmp_path, judge=JudgeName("nobody"))


def test_the_confidence_page_says_what_the_board_can_bear(folder: Path) -> None:
    analysis = json.loads((folder / "data" / "report.json").read_text(encoding="utf-8"))["analysis"]
    text = " ".join("".join(Page(folder / "confidence.html").text).split())
    insight = analysis["insight"]
    assert f"{insight['separated']} of 3 pairs are separated" in text
    reverse = next(flip for flip in insight["flips"] if flip["change"] == "reverse")
    assert f"Reversing {reverse['votes']} verdict" in text
    assert sum(insight["first"].values()) == pytest.approx(1.0)
    assert [plan["better"] for plan in analysis["more"]] == ["strong", "middling"]
    assert {effect["name"] for effect in analysis["style"]["effects"]} >= {"duration_s", "heard_first"}
    assert analysis["crowd"] is None  # one judge is no crowd


def test_several_judges_are_compared_and_shown_one_by_one(tmp_path: Path) -> None:
    world = small_study()
    several, events = world.store, list(world.store.events())
    for name in ("ann", "bob"):
        for event in events:
            if event.verdict is not None:
                verdict = replace(event.verdict, judge=JudgeName(name))
                several.append(
                    replace(event, id=f"{event.id}{name}", judge=JudgeName(name), verdict=verdict, number=None)
                )
    written(world, tmp_path)
    content = json.loads((tmp_path / "data" / "report.json").read_text(encoding="utf-8"))
    assert [(g["one"], g["other"], g["agreement"]["value"]) for g in content["agreement"]] == [
        ("ann", "bob", 1.0), ("ann", "listener", 1.0), ("bob", "listener", 1.0),
    ]  # fmt: skip
    assert {r["judge"]: r["votes"] for r in content["analysis"]["crowd"]["raters"]}["ann"] == 18
    assert "Judges one by one" in "".join(Page(tmp_path / "confidence.html").text)
