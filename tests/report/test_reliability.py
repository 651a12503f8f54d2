"""A report shows how far its judges can be trusted, and warns where nothing is known."""

from pathlib import Path

from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.systems import JudgeCard
from s2s_arena.report import stage
from tests.worlds import World, small_study

CARD = JudgeCard(name="listener", title="L", model="m")


def reported(world: World, out: Path, judges: dict[str, JudgeCard]) -> tuple[str, tuple[str, ...]]:
    summary = stage.run(world.study, world.suite, store=world.store, out=out, systems={}, judges=judges, bootstraps=20)
    return (out / "judges.html").read_text(encoding="utf-8"), summary.warnings


def test_a_judge_that_was_never_tried_is_a_warning_and_a_person_is_not(tmp_path: Path) -> None:
    page, warnings = reported(small_study(), tmp_path / "a", {"listener": CARD})
    assert any("judges validate listener" in w for w in warnings)
    assert "No judge of this study has been tried" in page
    _, warnings = reported(small_study(), tmp_path / "b", {})
    assert not any("judges validate" in w for w in warnings)


def test_the_card_of_a_judge_is_a_page_and_its_shortcomings_are_warnings(tmp_path: Path) -> None:
    world = small_study()
    world.store.put(
        JudgeReliability(
            judge=JudgeName("listener"),
            judge_version="1",
            figures={"blatant": (0.99, 0.9, 1.0), "probe:pace": (0.5, 0.4, 0.6)},
            counts={"probe:pace": 60},
            notes=("voice <x>",),
        )
    )
    page, warnings = reported(world, tmp_path, {"listener": CARD})
    assert any("probe pace 50%" in w for w in warnings)
    assert "<td>probe pace</td>" in page
    assert "voice &lt;x&gt;" in page
