"""Installed from a wheel, the package brings its workers and the file that they import, and no checkout is needed."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ASK = """
import sys
from pathlib import Path
import numpy as np
import s2s_arena
from s2s_arena.models import registry
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.worker import places, process
from s2s_arena.protocols import Request
from s2s_arena.testing.sound import tones

site = Path(sys.argv[1])
assert Path(s2s_arena.__file__).is_relative_to(site), s2s_arena.__file__
assert process.SDK.is_relative_to(site), process.SDK
assert places.find("example").is_relative_to(site), places.folders()
assert {"qwen_omni", "kimi_audio"} <= set(places.known())
parts = LocalParts(Path(), Path(), voice=lambda name: None)
system = registry.build("worker", {"worker": "example"}, parts)
asked = tones(["a", "b"])
answer = system.answer(Request(speech=asked, sample="s"))
assert np.allclose(answer.speech.samples, asked.samples[::-1], atol=1e-4) and answer.text == "backwards turn 0"
"""


@pytest.fixture
def site(tmp_path) -> Path:
    """What a wheel would unpack, by the same table of pyproject.toml."""
    site = tmp_path / "site-packages"
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "s2s_arena", site / "s2s_arena", ignore=no_caches)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for here, there in wheel["force-include"].items():
        shutil.copytree(ROOT / here, site / there, ignore=no_caches)
    return site


def test_a_worker_of_an_installed_package_answers(site, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("S2S_ARENA")} | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(site)], cwd=elsewhere, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
