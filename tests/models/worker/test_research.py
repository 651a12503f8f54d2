"""What a new user sees of our workers for research systems: each starts, shakes hands, and says what it misses.

None of them is run here, and none pretends to: their projects, weights and GPUs are not on this machine.
"""

import ast
import sys
from types import SimpleNamespace

import pytest

from s2s_arena.errors import MissingError
from s2s_arena.models import registry
from s2s_arena.models.worker import places
from s2s_arena.protocols import Request
from s2s_arena.testing.sound import tone
from tests.models.conftest import CARDS

# worker -> the variable that names its checkout, where it comes from, a file that must be in it
PROJECTS = {
    "kimi_audio": ("KIMI_AUDIO_HOME", "MoonshotAI/Kimi-Audio", "kimia_infer/api/kimia.py"),
    "glm_4_voice": ("GLM_4_VOICE_HOME", "zai-org/GLM-4-Voice", "flow_inference.py"),
    "llama_omni": ("LLAMA_OMNI_HOME", "ictnlp/LLaMA-Omni", "omni_speech/infer/infer.py"),
    "mini_omni": ("MINI_OMNI_HOME", "gpt-omni/mini-omni", "inference.py"),
    "mini_omni2": ("MINI_OMNI2_HOME", "gpt-omni/mini-omni2", "inference.py"),
    "speechgpt": ("SPEECHGPT_HOME", "0nutation/SpeechGPT", "speechgpt/src/infer/cli_infer.py"),
    "echox": ("ECHOX_HOME", "FreedomIntelligence/EchoX", "inference/echox_stream.py"),
    "freeze_omni": ("FREEZE_OMNI_HOME", "VITA-MLLM/Freeze-Omni", "bin/inference.py"),
    "baichuan_omni": ("BAICHUAN_OMNI_HOME", "baichuan-inc/Baichuan-Omni-1.5", "web_demo/"),
    "anygpt": ("ANYGPT_HOME", "OpenMOSS/AnyGPT", "anygpt/src/infer/cli_infer_chat_model.py"),
}


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What a worker says when it is asked, started with some options."""
    made = []
    for variable, *_ in PROJECTS.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("QWEN_OMNI_WEIGHTS", raising=False)

    def ask(name, **options):
        parts = SimpleNamespace(folder=tmp_path, cache=tmp_path)
        made.append(registry.build("worker", {"worker": name, "python": sys.executable, "options": options}, parts))
        with pytest.raises(MissingError) as caught:
            made[-1].answer(Request(speech=tone(), sample="s"))
        return str(caught.value)

    yield ask
    for worker in made:
        worker.close()


@pytest.mark.parametrize("name", PROJECTS)
def test_a_checkout_that_is_not_named_is_asked_for(told, name):
    variable, project, _ = PROJECTS[name]
    assert told(name) == (
        f"worker {name}: a checkout of github.com/{project} (git clone https://github.com/{project}): "
        f"name its folder in options.checkout or in {variable}"
    )


@pytest.mark.parametrize("name", PROJECTS)
def test_a_folder_that_is_no_checkout_is_told_by_the_file_it_lacks(told, name, tmp_path):
    _, project, file = PROJECTS[name]
    said = told(name, checkout=str(tmp_path))
    assert said.startswith(f"worker {name}: a checkout of github.com/{project}: {tmp_path} has no {file}")


def test_weights_that_are_not_there_are_asked_for(told, tmp_path):
    (tmp_path / "omni_speech" / "infer").mkdir(parents=True)
    (tmp_path / "omni_speech" / "infer" / "infer.py").touch()
    said = told("llama_omni", checkout=str(tmp_path))
    assert said.startswith(f"worker llama_omni: the weights: {tmp_path / 'Llama-3.1-8B-Omni'} is no folder; download ")
    assert said.endswith("and name it in options.weights or in LLAMA_OMNI_WEIGHTS")


def test_packages_that_are_not_installed_are_named_before_anything_is_loaded(told, tmp_path):
    (tmp_path / "kimia_infer" / "api").mkdir(parents=True)
    (tmp_path / "kimia_infer" / "api" / "kimia.py").touch()
    said = told("kimi_audio", checkout=str(tmp_path))
    assert "loguru" in said and f"not installed for {sys.executable}: pip install -r" in said


@pytest.mark.parametrize("name", [*PROJECTS, "qwen_omni", "parler_tts"])
def test_a_worker_says_whose_code_it_calls_and_how_far_it_was_seen_to_work(name):
    source = places.find(name).read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(source))
    assert "Used" in said and "Options:" in said
    assert ('Not run here (`verified = "none"`)' in said) != (name == "qwen_omni")


@pytest.mark.parametrize("name", [*PROJECTS, "qwen_omni", "parler_tts", "espeak_voice"])
def test_a_worker_has_a_card(name):
    cards = [path.read_text(encoding="utf-8") for path in CARDS.glob("*/*.toml")]
    assert sum(f'worker = "{name}"' in card for card in cards) >= 1
