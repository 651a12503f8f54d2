"""A remote judge from the command line: its card, a run in both orders, what disagrees, and a panel."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace
from s2s_arena.records.verdicts import EventKind
from s2s_arena.testing.judging_minds import as_json
from s2s_arena.testing.judging_servers import GeminiServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.worlds import rehearsal_suite

SYSTEM = 'title = "{name}"\nmodel = "scripted"\n[settings]\nwords = {words}\n[licences]\ncode = "Apache-2.0"\n'
JUDGE = """\
title = "A judge over there"
model = "audio-judge"
[settings]
family = "gemini-generate"
model = "judge-1"
url = "{url}"
key_env = "LOOPBACK_KEY"
presentation = "parts"
canary = 0
[price]
minute_in = 0.5
[licences]
code = "Apache-2.0"
"""
PANEL = """\
title = "Both of them"
model = "panel"
[settings]
members = ["always-first", "by-length"]
[licences]
code = "Apache-2.0"
"""


def run(*args: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in args])
    assert result.exit_code == status, (args, result.stdout, result.stderr, result.exception)
    return result.stdout or result.stderr


def by_length(heard) -> str:
    """The longer answer."""
    first, second = (clip.duration_s for clip in heard.audio[1:])
    return as_json("1" if first > second else "2")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOPBACK_KEY", KEY)
    monkeypatch.setenv("S2S_ARENA_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "study"
    run("init", place)
    with open_workspace(place) as arena:
        arena.store.put(rehearsal_suite(arena.store, samples=2))
    for name, words in {"one": 2, "two": 5}.items():
        (place / "cards" / "systems" / f"{name}.toml").write_text(SYSTEM.format(name=name, words=words))
    run("answer", "-w", place, "--systems", "one,two", "-q")
    return place


def test_a_judge_over_there_from_its_card_to_what_people_should_decide(place: Path) -> None:
    cards = place / "cards" / "judges"
    with GeminiServer(lambda heard: as_json("1")) as biased, GeminiServer(by_length) as fair:
        (cards / "always-first.toml").write_text(JUDGE.format(url=biased.base_url))
        (cards / "by-length.toml").write_text(JUDGE.format(url=fair.base_url))
        (cards / "both.toml").write_text(PANEL)
        plan = json.loads(run("judge", "-w", place, "-J", "by-length", "-n", 4, "--orders", "both", "--plan", "--json"))
        assert plan["plan"]["calls"] == 8 and plan["plan"]["cost_usd"] > 0 and not fair.heard
        judged = json.loads(
            run("judge", "-w", place, "-J", "by-length", "-n", 2, "--orders", "both", "--concurrency", 3, "--json")
        )
        assert judged["rated"] == 2 and judged["by_judge"] == 4 == len(fair.heard) and judged["cost_usd"] > 0
        assert json.loads(run("judges", "disputed", "-w", place, "--json"))["disputed"] == []
        run("judge", "-w", place, "-J", "always-first", "-n", 2, "--same-matches", "-q", "--orders", "both")
        disputed = json.loads(run("judges", "disputed", "-w", place, "--json"))["disputed"]
        assert len(disputed) == 2 and all(row["flipped"] == ["always-first"] for row in disputed)
        assert "always-first" in run("judges", "disputed", "-w", place)
        assert "nobody" in run("judges", "disputed", "-w", place, "-J", "nobody", status=2)
        seated = json.loads(run("judge", "-w", place, "-J", "both", "-n", 2, "--same-matches", "--json"))
        assert seated["by_judge"] == seated["given_up"] == 2 and {reason[:6] for reason in seated["failures"]} == {
            "split:"
        }
        poor = run("judge", "-w", place, "-J", "local", "-n", 2, "--budget", 1, status=2)
        assert "tells no price" in poor
    assert not fair.refused
    with open_workspace(place) as arena:
        events = list(arena.store.events())
    votes = [e.verdict for e in events if e.kind is EventKind.VOTE and e.judge == "by-length"]
    assert all(v.raw and v.prompt_hash and v.model_version == "judge-1" and v.cost_usd for v in votes)
