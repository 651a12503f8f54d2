"""Studies from the command line draw as the workspace says."""

import json
from pathlib import Path

from typer.testing import CliRunner

from s2s_arena.answer.importing import imported_card
from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace, serving
from s2s_arena.protocols import Store
from s2s_arena.records.identity import SystemName
from s2s_arena.records.responses import Response, Take, response_key, take_of
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Sampler, Sampling, Study
from s2s_arena.testing.sound import tones
from s2s_arena.testing.worlds import rehearsal_suite


def recorded(store: Store, sample: Sample, system: SystemName, *, seed: int) -> list[Response | Take]:
    """A recording of a system's answer, as `import responses` keeps it."""
    settings = imported_card(system).settings_hash
    asked = [turn.speech.hash for turn in sample.turns if turn.speech]
    made = Response(
        key=response_key(sample=sample.id, turn=0, audio=asked, system=system, settings=settings, seed=seed),
        sample=sample.id,
        turn=0,
        system=system,
        settings=settings,
        speech=store.put_audio(tones([system, sample.id])),
    )
    return [made, take_of([made])]


def test_a_study_draws_as_arena_toml_says_unless_told_otherwise(tmp_path: Path) -> None:
    place = tmp_path / "w"

    def run(*args: object) -> dict:
        result = CliRunner().invoke(app, [*map(str, args), "-w", str(place), "--json"])
        assert result.exit_code == 0, (result.stderr, result.exception)
        return json.loads(result.stdout)

    assert CliRunner().invoke(app, ["init", str(place)]).exit_code == 0
    (place / "arena.toml").write_text(
        '[workspace]\nseed = 9\n\n[study]\nsampler = "uniform"\nuniform_mix = 0.25\nround_size = 7\nfloor = 3\n',
        encoding="utf-8",
    )
    with open_workspace(place) as arena:
        suite = rehearsal_suite(arena.store, samples=2)
        for sample in suite.samples:
            for name in ("north", "east"):
                arena.store.put(*recorded(arena.store, sample, SystemName(name), seed=9))
    run("study", "create", "plain")
    run("study", "create", "told", "--sampler", "paper", "--full-band")
    with open_workspace(place) as arena:
        (plain,), (told,) = (list(arena.store.all(Study, name=name)) for name in ("plain", "told"))
        register = serving.open_register(arena)
        bands = [register.conduct(name).even_band for name in ("plain", "told")]
        register.close()
        assert serving.library(arena).sampling == plain.sampling  # what the desk's form begins with
    assert plain.sampling == Sampling(sampler=Sampler.UNIFORM, uniform_mix=0.25, round_size=7, floor=3)
    assert told.sampling == Sampling(sampler=Sampler.PAPER, uniform_mix=0.25, round_size=7, floor=3)
    assert (plain.seed, told.seed, bands) == (9, 9, [True, False])
