"""A local audio model judges through the worker protocol, in a process of its own."""

import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from s2s_arena.audio.loudness import gain
from s2s_arena.compose.listening_judges import audio_judge
from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Comparison, HeardTake
from s2s_arena.judge.listening import ListeningJudge
from s2s_arena.judge.probes.workshop import turn_of
from s2s_arena.models import registry
from s2s_arena.models.worker import sdk
from s2s_arena.protocols import Request
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.systems import JudgeCard
from s2s_arena.testing.sound import tone
from s2s_arena.testing.voices import ScriptedSpeaker
from tests.judge.parts import sample

EXAMPLE = Path(__file__).parents[2] / "workers" / "example_judge"


def comparison() -> Comparison:
    loud, soft = (HeardTake(turns=(turn_of(gain(tone(), db), None),)) for db in (0.0, -12.0))
    return Comparison(sample=sample(), questions=(tone(),), first=loud, second=soft)


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """Builds a judge as its card would; its worker ends with the test."""
    workers = []
    build = registry.build

    def built(*args):
        workers.append(build(*args))
        return workers[-1]

    monkeypatch.setattr(registry, "build", built)

    def make(text: str | None = None, **settings: object) -> ListeningJudge:
        folder = EXAMPLE if text is None else tmp_path
        if text is not None:
            lines = f"import sys\nsys.path.insert(0, {str(Path(sdk.__file__).parent)!r})\nfrom sdk import serve\n"
            (tmp_path / "worker.py").write_text(lines + textwrap.dedent(text))
        given = {
            "family": "worker", "file": "worker.py", "presentation": "parts", "canary": 0,
            "start_s": 20, "request_s": 20, **settings,
        }  # fmt: skip
        card = JudgeCard(name="mine", title="M", model="audio-judge", settings=given)  # type: ignore[arg-type]
        parts = SimpleNamespace(
            folder=folder, cache=tmp_path / "cache", speaker=lambda name: ScriptedSpeaker(name=name)
        )
        return audio_judge(card, parts=parts)  # type: ignore[arg-type,return-value]

    yield make
    for worker in workers:
        worker.close()


def test_the_example_judges_in_both_orders(judge):
    mine = judge()
    heard = mine.decide(comparison())
    assert heard.outcome is Outcome.FIRST and heard.parsed == "strict"
    assert heard.criteria[Criterion.QUALITY].outcome is Outcome.FIRST
    assert heard.version == "example-judge 1"
    other = mine.decide(comparison().swapped)
    assert other.outcome is Outcome.SECOND
    assert (
        "louder: " in heard.reason
        and heard.reason.removeprefix("louder: ").split(" against ")
        == (other.reason.removeprefix("louder: ").split(" against ")[::-1])
    )
    assert "worker" not in mine.identity and mine.identity.startswith("mine/1/")


def test_text_audio_and_settings_reach_the_worker_in_their_order(judge):
    mine = judge(
        """
        import json
        def read(messages, *, seed, temperature, max_tokens, schema, settings):
            kinds = [next(iter(p)) for m in messages for p in m["parts"]]
            said = [m["role"] for m in messages] + kinds + [temperature, max_tokens, settings["device"]]
            return json.dumps({"reason": repr(said), "winner": "2"})
        serve(read=read, name="told", version="1")
        """,
        max_tokens=77,
        options={"device": "cpu"},
    )
    found = mine.decide(comparison())
    assert found.outcome is Outcome.SECOND
    roles = "['system', 'user', 'text', 'text', 'audio', 'text', 'audio', 'text', 'audio', 'text', 0.0, 77, 'cpu']"
    assert found.reason == roles


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("raise ValueError('out of memory')", "crashed: worker .*ValueError: out of memory"),
        ("return {'refused': 'not mine to say'}", "refused: .*not mine to say"),
        ("return ''", "empty: .*wrote no text"),
        ("return 'hard to say'", "unparsed"),
        ("return {'text': '{\"winner\": \"1\"}', 'audio_tokens': 0}", "unheard"),
    ],
)
def test_what_goes_wrong_is_a_counted_failure_and_never_a_verdict(judge, body, why):
    mine = judge(f"def read(messages, **_):\n    {body}\nserve(read=read, name='bad', version='1')\n")
    with pytest.raises(JudgeFailure, match=why):
        mine.decide(comparison())


def test_a_worker_that_drops_the_audio_fails_its_canary(judge):
    deaf = """
        def read(messages, **_):
            return '{"reason": "clear", "winner": "1"}'
        serve(read=read, name="deaf", version="1")
        """
    assert judge(deaf).decide(comparison()).outcome is Outcome.FIRST  # in due form, and worth nothing
    with pytest.raises(JudgeFailure, match="unheard: of 4 words"):
        judge(deaf, canary=25).decide(comparison())


def test_a_system_asked_to_judge_and_a_judge_asked_to_answer_say_so(judge):
    system = "def answer(*_, **__): return {}\nserve(answer, name='s', version='1')\n"
    with pytest.raises(JudgeFailure, match="is a system and judges nobody"):
        judge(system).decide(comparison())
    parts = SimpleNamespace(folder=EXAMPLE, cache=EXAMPLE)
    worker = registry.build("worker", {"file": "worker.py", "start_s": 20}, parts)
    with pytest.raises(Exception, match="is a judge and answers nobody"):
        worker.answer(Request(speech=tone(), sample="s"))
