"""The answer stage over loopback systems: each fault ends as its kind of failure, after the attempts it is due."""

import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.asking import Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.errors import AccessError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.records.responses import FailureKind, Response, Take
from s2s_arena.records.systems import SystemCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, always, once, some
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.worlds import rehearsal_suite
from tests.models.remote.loopback_lines import VARIABLE, line

F = WireFault
ONE_OF_EACH = ("chat openai streamed", "chat dashscope", "realtime openai", "gemini live", "doubao", "json by post")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(VARIABLE, KEY)


def answered(name, behaviour, *, samples=1, turns=1, concurrency=1, patience_s=10.0, waits=None, store=None):
    each, store = line(name), store or MemoryStore()
    with each.start(behaviour=behaviour) as server:
        suite = rehearsal_suite(store, samples=samples, turns=turns)
        card = SystemCard(name="far", title="Far", model=each.family, concurrency=concurrency)
        contestant = Contestant(card=card, load=lambda: each.adapter(server, patience_s=patience_s))
        retries = Retries(attempts=3, sleep=(waits if waits is not None else []).append)
        stage.run(
            suite, [contestant], store=store, executor=ThreadsExecutor(), retries=retries, concurrency=concurrency
        )
    return server, list(store.all(Response))


@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.parametrize("fault", [F.DROPPED, F.SERVER_ERROR, F.RATE_LIMITED])
def test_what_passes_is_asked_again_and_answered(name, fault):
    waits = []
    _, (response,) = answered(name, Behaviour(script=once(fault, fault), retry_after="7"), waits=waits)
    assert response.failure is None and response.speech is not None
    assert waits == ([7.0, 7.0] if fault is F.RATE_LIMITED else [1.0, 2.0])


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_what_does_not_pass_is_unreached_and_never_rated(name):
    server, (response,) = answered(name, Behaviour(script=always(F.SERVER_ERROR)))
    assert response.failure.kind is FailureKind.INFRASTRUCTURE and not response.failure.kind.rated
    assert response.failure.attempts == 3 and server.finished <= 3


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_refused_key_ends_the_run(name):
    with pytest.raises(AccessError):
        answered(name, Behaviour(script=always(F.UNAUTHORISED)), samples=4)


@pytest.mark.parametrize(
    ("name", "fault", "kind"),
    [
        *((name, F.STALLED, FailureKind.TIMED_OUT) for name in ONE_OF_EACH),
        *((name, F.SILENCE, FailureKind.SILENT) for name in ONE_OF_EACH),
        *((name, F.CONTENT_FILTER, FailureKind.REFUSED) for name in ONE_OF_EACH if name != "json by post"),
        *((name, F.TRUNCATED_BASE64, FailureKind.BROKEN) for name in ONE_OF_EACH if name != "doubao"),
        ("json by post", F.MALFORMED, FailureKind.INFRASTRUCTURE),
        ("chat openai streamed", F.MALFORMED, FailureKind.INFRASTRUCTURE),
    ],
)
def test_what_the_system_did_itself_is_asked_once_and_kept(name, fault, kind):
    server, (response,) = answered(name, Behaviour(script=always(fault)), patience_s=0.3)
    assert response.failure.kind is kind
    assert len(server.heard) == (1 if kind.rated else 3)
    assert (response.speech is not None) == (kind is FailureKind.SILENT)  # so that the silence can be heard


@pytest.mark.parametrize("name", ["chat openai streamed", "realtime openai", "doubao"])
def test_speech_that_stops_early_is_an_answer_with_a_flag(name):
    _, (response,) = answered(name, Behaviour(script=always(F.STOPS_EARLY)))
    assert response.failure is None and response.flags


@pytest.mark.parametrize("name", ["chat openai streamed", "gemini live"])
def test_dialogues_go_on_with_what_was_said(name):
    server, responses = answered(name, Behaviour(), samples=2, turns=3)
    assert len(responses) == 6 and len({response.text for response in responses}) == 6
    assert sorted(len(heard.before) for heard in server.heard) == [0, 0, 2, 2, 4, 4]


@pytest.mark.parametrize("name", ["chat openai streamed", "realtime openai", "json by post"])
def test_a_fifth_of_faults_loses_nothing_and_doubles_nothing(name):
    faults = (F.DROPPED, F.SERVER_ERROR, F.RATE_LIMITED)
    store = MemoryStore()
    behaviour = Behaviour(script=some(0.2, *faults, seed=1))
    server, responses = answered(name, behaviour, samples=40, concurrency=10, store=store)
    final = [response for response in responses if response.failure is None]
    assert len({response.sample for response in final}) == len(final) == 40 == len(list(store.all(Take)))
    assert server.finished >= 40 and server.most_in_flight > 1


def test_many_are_in_flight_and_never_more_than_the_card_allows():
    server, responses = answered(
        "chat openai whole", Behaviour(latency_s=0.05, piece_s=0.3), samples=64, concurrency=16
    )
    assert 4 <= server.most_in_flight <= 16 and server.finished == 64 == len(responses)
