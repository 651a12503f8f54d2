"""Remote judges end to end over servers that speak the wire: both orders, every fault and reply, deaf ones too."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from s2s_arena.errors import AccessError, InfrastructureError, InputError, JudgeFailure
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge import stage
from s2s_arena.judge.canary import Canary
from s2s_arena.judge.listening import ListeningJudge
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.presentations import Presentation
from s2s_arena.models import registry
from s2s_arena.records.studies import Outcome
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.verdicts import EventKind
from s2s_arena.retries import Retries
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.judging_minds import (
    ListeningMind,
    as_json,
    beginning,
    everything,
    fenced,
    first_clip,
    nothing,
    prose,
)
from s2s_arena.testing.judging_servers import VENDORS, GeminiServer, JudgingChatServer
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, always, once
from s2s_arena.testing.servers.running import KEY, LoopbackServer
from tests.judge.listeners import CANARY, MARKS, NO_WAIT, SPOKEN, comparison, cue_voice, prompts, take
from tests.judge.parts import Ears, Said
from tests.judge.worlds import World, world
from tests.models.doubles import FakeParts, Voice

F = WireFault
VARIABLE = "LOOPBACK_KEY"
FIRST, SECOND = Outcome.FIRST, Outcome.SECOND


@dataclass(frozen=True)
class Line:
    """A reader and its server."""

    name: str
    family: str
    server: Callable[..., LoopbackServer]
    settings: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def reader(self, server, **settings):
        own = {"model": "judge-1", "url": server.base_url, "key_env": VARIABLE, **self.settings, **settings}
        return registry.build(self.family, own, FakeParts(None, None, Voice("en")))

    def judge(self, server, *, presentation=Presentation.SPOKEN, canary=0, retries=NO_WAIT, price=None, **settings):
        return ListeningJudge(
            self.reader(server, **settings),
            prompts={"en": prompts()},
            presentation=presentation,
            voice=VOICE,
            canary=Canary(VOICE, every=canary) if canary else None,
            retries=retries,
            price={"minute_in": price} if price else None,
        )


def chat(name, **settings):
    def start(mind, **options):
        return JudgingChatServer(VENDORS[name], mind, **options)

    return Line(f"chat {name}", "openai-listen", start, {"dialect": name, **settings})


VOICE = cue_voice()
GEMINI = Line("gemini", "gemini-generate", GeminiServer)
LINES = (GEMINI, chat("openai"), chat("dashscope"), chat("vllm"), chat("llama-cpp"))
PAIR = comparison(take(2, rate_hz=24000), take(5))


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(VARIABLE, KEY)


def mind(**options):
    return ListeningMind([*MARKS, *SPOKEN], CANARY, "write down", **options)


@pytest.mark.parametrize("presentation", [Presentation.SPOKEN, Presentation.PARTS])
@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_better_answer_wins_in_both_orders_because_it_was_heard(line, presentation):
    hears = mind()
    with line.server(hears) as server:
        judge = line.judge(server, presentation=presentation, canary=5)
        decision, swapped = judge.decide(PAIR), judge.decide(PAIR.swapped)
    assert not server.refused
    assert (decision.outcome, swapped.outcome) == (SECOND, FIRST)
    assert hears.counts == [(2, 5), (5, 2)]  # words that the server found in each answer
    assert decision.parsed == "strict" and decision.raw == as_json("2")
    assert decision.version == "judge-1" and decision.prompt_hash != swapped.prompt_hash
    canary, asked = server.heard[0], server.heard[1]
    assert "write down" in canary.instructions and len(server.heard) == 3
    assert {clip.rate_hz for clip in asked.audio} == {24000}
    assert len(asked.audio) == (1 if presentation is Presentation.SPOKEN else 3)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_it_is_asked_coldly_and_for_a_form_where_the_wire_has_one(line):
    with line.server(mind()) as server:
        line.judge(server).decide(PAIR)
    asked = server.last().fields
    if line is GEMINI:
        config = asked["generationConfig"]
        assert config["temperature"] == 0.0 and config["seed"] == PAIR.seed
        assert config["responseMimeType"] == "application/json"
        assert config["responseSchema"]["propertyOrdering"][-1] == "winner"
        return
    assert asked["temperature"] == 0.0 and asked["seed"] == PAIR.seed
    if line.settings["dialect"] in ("vllm", "llama-cpp"):
        assert asked["response_format"]["json_schema"]["strict"] is True
    else:
        assert "response_format" not in asked and "JSON" in server.last().texts[-1]


@pytest.mark.parametrize("form", [fenced, prose], ids=["fenced", "prose"])
@pytest.mark.parametrize("line", [GEMINI, chat("dashscope")], ids=str)
def test_other_forms_are_read_and_say_that_they_were(line, form):
    with line.server(mind(form=form)) as server:
        decision = line.judge(server).decide(PAIR)
    assert (decision.outcome, decision.parsed, decision.raw) == (SECOND, "tolerant", form("2").strip())


EXPECTED = {
    F.SLOW: None,
    F.STALLED: JudgeFailure,
    F.DROPPED: InfrastructureError,
    F.RATE_LIMITED: InfrastructureError,
    F.UNAUTHORISED: AccessError,
    F.SERVER_ERROR: InfrastructureError,
    F.MALFORMED: InfrastructureError,
    F.CONTENT_FILTER: JudgeFailure,
}


@pytest.mark.parametrize("fault", EXPECTED, ids=str)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_fault_becomes_its_error_and_the_next_verdict_is_whole(line, fault):
    patience = {"patience_s": 0.3} if fault is F.STALLED else {}
    with line.server(mind(), behaviour=Behaviour(script=once(fault), retry_after="7")) as server:
        judge = line.judge(server, retries=Retries(attempts=1), **patience)
        wanted = EXPECTED[fault]
        if wanted is None:
            assert judge.decide(PAIR).outcome is SECOND
        else:
            with pytest.raises(wanted) as caught:
                judge.decide(PAIR)
            assert "\n" not in str(caught.value) and KEY not in str(caught.value)
            if fault is F.RATE_LIMITED:
                assert caught.value.retry_after_s == 7.0
            if wanted is JudgeFailure:
                assert str(caught.value).startswith("late" if fault is F.STALLED else "refused")
        assert judge.decide(PAIR).outcome is SECOND


@pytest.mark.parametrize("line", LINES, ids=str)
def test_limits_and_broken_connections_are_waited_out(line):
    waits: list[float] = []
    script = once(F.RATE_LIMITED, F.DROPPED)
    with line.server(mind(), behaviour=Behaviour(script=script, retry_after="7")) as server:
        patient = replace(NO_WAIT, sleep=waits.append)
        assert line.judge(server, retries=patient).decide(PAIR).outcome is SECOND
    assert waits == [7.0, 2.0]


@pytest.mark.parametrize("ears", [nothing, beginning(1.0)], ids=["drops audio", "keeps its beginning"])
@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_canary_catches_a_server_that_drops_the_audio(line, ears):
    deaf = mind(ears=ears)
    with line.server(deaf) as server:  # its token counts tell nothing wrong
        unguarded = line.judge(server).decide(PAIR)
        assert unguarded.outcome is FIRST and unguarded.parsed == "strict"  # a verdict in due form, on nothing heard
        with pytest.raises(JudgeFailure, match=r"^unheard: of 4 words"):
            line.judge(server, canary=5).decide(PAIR)
    assert not server.refused and len(deaf.counts) == 1


@pytest.mark.parametrize("line", [GEMINI, chat("openai")], ids=str)
def test_the_canary_catches_a_server_that_takes_one_audio_a_message(line):
    with line.server(mind(ears=first_clip)) as server:
        with pytest.raises(JudgeFailure, match=r"^unheard"):
            line.judge(server, presentation=Presentation.PARTS, canary=5).decide(PAIR)
        assert line.judge(server, canary=5).decide(PAIR).outcome is SECOND  # one audio suffices there


@pytest.mark.parametrize("line", [GEMINI, chat("openai")], ids=str)
def test_a_server_that_counts_no_audio_is_caught_without_a_canary(line):
    with line.server(mind(), ears=nothing) as server, pytest.raises(JudgeFailure, match=r"^unheard: the model counted"):
        line.judge(server).decide(PAIR)


def test_a_server_that_tells_no_counts_is_believed():
    line = chat("openai")
    with line.server(mind(), ears=everything, tells_tokens=False) as server:
        assert line.judge(server).decide(PAIR).outcome is SECOND


@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_request_that_the_wire_does_not_allow_fails_the_match_and_not_the_run(line):
    with line.server(mind()) as server, pytest.raises(JudgeFailure, match=r"^rejected"):
        line.judge(server, extra={"no_such_field": 1}).decide(PAIR)


@pytest.mark.parametrize("line", [GEMINI, chat("openai")], ids=str)
def test_a_wrong_key_stops_everything(line, monkeypatch):
    monkeypatch.setenv(VARIABLE, "another-key")
    with line.server(mind()) as server, pytest.raises(AccessError):
        line.judge(server).decide(PAIR)


@pytest.mark.parametrize("presentation", [Presentation.ANNOTATED, Presentation.TRANSCRIPTS])
def test_a_text_mind_reads_what_ears_and_instruments_found_in_both_orders(presentation):
    ears = Ears()
    for heard, words in ((PAIR.first, "well met"), (PAIR.second, "good evening to you")):
        ears.script[heard.turns[0].audio.hash] = Said(text=words)

    def reads(heard):
        first, second = re.findall(r'Answer [12]:\nwords: "(.*)"', heard.texts[-1])
        return as_json("1" if len(first) > len(second) else "2")

    line = chat("text")
    with line.server(reads, version="mind-2026-11") as server:
        judge = ListeningJudge(
            line.reader(server),
            prompts={"en": prompts()},
            presentation=presentation,
            hearing=ears,
            notebook=Notebook(MemoryStore()),
            retries=NO_WAIT,
        )
        decision, swapped = judge.decide(PAIR), judge.decide(PAIR.swapped)
    assert (decision.outcome, swapped.outcome) == (SECOND, FIRST) and not server.refused
    assert decision.version == "mind-2026-11" and decision.parsed == "strict"
    assert not server.last().audio and server.last().fields["response_format"]["type"] == "json_schema"
    assert ("Hz" in server.last().texts[-1]) is (presentation is Presentation.ANNOTATED)


# ------------------------------------------------------------------------------------------- a whole run


def judged(w: World, judge, *, matches: int, concurrency: int = 1, orders: str = "both", budget_usd=None, price=0.6):
    card = JudgeCard(name="longest", title="remote", model="audio-judge", price={"minute_in": price} if price else {})
    return stage.run(
        w.study,
        w.suite,
        card,
        lambda: judge,
        store=w.store,
        executor=ThreadsExecutor(),
        matches=matches,
        orders=orders,
        concurrency=concurrency,
        budget_usd=budget_usd,
    )


def verdicts(w: World):
    return [event.verdict for event in w.store.events(study=w.study.name) if event.verdict]


def test_a_run_in_both_orders_keeps_replies_hashes_and_versions():
    w = world(samples=3)
    with GEMINI.server(counting()) as server:
        summary = judged(w, GEMINI.judge(server, canary=5), matches=6)
    assert summary.complete and summary.by_judge == 12
    made = verdicts(w)
    assert all(v.raw and len(v.prompt_hash) == 64 and v.model_version == "judge-1" for v in made)
    assert all(v.judge_version.startswith("listening/") and v.parsed == "strict" for v in made)
    assert len({v.prompt_hash for v in made}) == 12


def test_concurrency_changes_nothing_that_is_recorded():
    runs = []
    for concurrency in (1, 4):
        w = world(samples=3)
        with GEMINI.server(counting(), behaviour=Behaviour(latency_s=0.01)) as server:
            judged(w, GEMINI.judge(server, canary=3), matches=4, concurrency=concurrency)
        runs.append([replace(v, seconds=None) for v in verdicts(w)])
    # The address, and with it the judge's identity, differs from run to run.
    assert [replace(v, judge_version="") for v in runs[0]] == [replace(v, judge_version="") for v in runs[1]]


def test_bad_replies_are_counted_and_never_become_verdicts():
    w = world(samples=3)
    replies = iter(["mumble", "I cannot judge these.", *[as_json("1")] * 50])
    with GEMINI.server(lambda heard: next(replies)) as server:
        summary = judged(w, GEMINI.judge(server), matches=2, orders="one")
    assert summary.complete and summary.by_judge == 2
    assert sorted(reason.split(":")[0] for reason in summary.failures) == ["refused", "unparsed"]
    assert "'mumble'" in next(reason for reason in summary.failures if reason.startswith("unparsed"))


def test_a_deaf_judge_ends_without_a_single_verdict():
    w = world(samples=3)
    deaf = mind(ears=nothing)
    with GEMINI.server(deaf) as server:
        summary = judged(w, GEMINI.judge(server, canary=5), matches=2, orders="one")
    assert not summary.complete and not verdicts(w) and not deaf.counts
    kinds = {event.kind for event in w.store.events(study=w.study.name)}
    assert kinds == {EventKind.FAILED}


def test_a_judge_that_is_down_stops_the_run_and_keeps_what_was_judged():
    w = world(samples=3)
    script = once(None, None, *[F.SERVER_ERROR] * 10)
    with GEMINI.server(counting(), behaviour=Behaviour(script=script)) as server:
        with pytest.raises(InfrastructureError):
            judged(w, GEMINI.judge(server), matches=4, orders="one")
        assert len(verdicts(w)) == 2
    with GEMINI.server(counting(), behaviour=Behaviour(script=always(F.SLOW), slow_s=0.01)) as server:
        assert judged(w, GEMINI.judge(server), matches=4, orders="one").complete


def counting():
    """A mind for worlds, whose words are their own: the same prompt always gets the same verdict."""
    listener = mind()

    def reply(heard):
        if "write down" in (heard.instructions or ""):
            return listener(heard)
        return as_json("1" if int(heard.audio[0].hash()[:8], 16) % 2 else "2")

    return reply


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_budget_ends_the_run_and_the_next_one_goes_on(concurrency):
    w = world(samples=3)
    with GEMINI.server(counting()) as server:
        judge = GEMINI.judge(server, price=0.6)
        spent = judged(w, judge, matches=6, orders="one", concurrency=concurrency, budget_usd=0.2)
        assert spent.out_of_budget and not spent.complete
        assert spent.cost_usd >= 0.2 and 1 <= spent.by_judge < 6
        assert sum(v.cost_usd for v in verdicts(w)) == pytest.approx(spent.cost_usd)
        rest = judged(w, judge, matches=6, orders="one", concurrency=concurrency, budget_usd=100.0)
        assert rest.complete and rest.by_judge == 6 - spent.by_judge and not rest.out_of_budget


def test_a_budget_needs_a_price():
    with pytest.raises(InputError, match="tells no price"):
        judged(world(samples=3), None, matches=2, budget_usd=1.0, price=None)
