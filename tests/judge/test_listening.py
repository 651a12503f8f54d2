"""Judges that listen: what they keep, what they fail on, and that they ask again and never guess."""

from dataclasses import replace

import pytest

from s2s_arena.errors import (
    AccessError,
    AudioError,
    EmptyAnswer,
    InfrastructureError,
    JudgeFailure,
    Refused,
    RequestRejected,
    TimedOut,
)
from s2s_arena.judge.canary import Canary
from s2s_arena.judge.listening import ListeningJudge
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.presentations import Presentation
from s2s_arena.judge.text_reader import TextReader
from s2s_arena.records.cues import Cues
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.judging_minds import as_json
from s2s_arena.testing.minds import ScriptedWriter
from tests.judge.listeners import NO_WAIT, ScriptedReader, comparison, cue_voice, prompts, take
from tests.judge.parts import Ears, Said


def judge(reader, presentation=Presentation.PARTS, **options):
    options.setdefault("voice", cue_voice())
    return ListeningJudge(reader, prompts={"en": prompts()}, presentation=presentation, retries=NO_WAIT, **options)


PAIR = comparison(take(1), take(2))


def test_a_decision_keeps_reply_prompt_and_the_model_that_replied():
    reply = '{"reason": "r", "instruction": "2", "expressiveness": "0", "quality": "1", "winner": "2"}'
    decision = judge(ScriptedReader((reply,))).decide(PAIR)
    assert (decision.outcome, decision.margin, decision.parsed) == (Outcome.SECOND, -1.0, "strict")
    assert (decision.raw, decision.version, decision.reason) == (reply, "model-7", "r")
    assert len(decision.prompt_hash) == 64
    sides = {criterion: part.outcome for criterion, part in decision.criteria.items()}
    assert sides == {
        Criterion.INSTRUCTION: Outcome.SECOND,
        Criterion.EXPRESSIVENESS: None,  # no difference is an abstention in a strict study
        Criterion.QUALITY: Outcome.FIRST,
    }


def test_it_asks_coldly_for_a_form_and_with_the_matchs_seed():
    reader = ScriptedReader()
    judge(reader).decide(PAIR)
    options = reader.asked[0][1]
    assert options["temperature"] == 0.0 and options["seed"] == PAIR.seed
    assert options["schema"]["required"][-1] == "winner"


def test_a_reply_that_cannot_be_used_is_asked_for_again_with_another_seed():
    reader = ScriptedReader(("mumble", as_json("2")))
    listening = judge(reader)
    with pytest.raises(JudgeFailure, match="unparsed"):
        listening.decide(PAIR)
    assert listening.decide(PAIR).outcome is Outcome.SECOND
    assert [options["seed"] for _, options in reader.asked] == [PAIR.seed, PAIR.seed + 1]


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (Refused("no"), "refused"),
        (EmptyAnswer("nothing"), "empty"),
        (TimedOut("late"), "late"),
        (RequestRejected("bad"), "rejected"),
        (AudioError("too long"), "s1"),
    ],
)
def test_what_the_model_does_wrong_is_a_judges_failure_asked_once(error, named):
    reader = ScriptedReader((error,))
    with pytest.raises(JudgeFailure, match=f"^{named}"):
        judge(reader).decide(PAIR)
    assert len(reader.asked) == 1


def test_faults_on_the_way_are_retried_as_long_as_asked_and_then_stop_the_run():
    waits: list[float] = []
    patient = replace(NO_WAIT, sleep=waits.append)
    reader = ScriptedReader((InfrastructureError("429", retry_after_s=7.0), InfrastructureError("503"), as_json("1")))
    listening = ListeningJudge(
        reader, prompts={"en": prompts()}, presentation=Presentation.PARTS, voice=cue_voice(), retries=patient
    )
    assert listening.decide(PAIR).outcome is Outcome.FIRST
    assert waits == [7.0, 2.0]
    with pytest.raises(InfrastructureError):
        judge(ScriptedReader((InfrastructureError("down"),))).decide(PAIR)


def test_a_wrong_key_stops_the_run():
    with pytest.raises(AccessError):
        judge(ScriptedReader((AccessError("key"),))).decide(PAIR)


def test_a_model_that_counts_no_audio_has_heard_none():
    with pytest.raises(JudgeFailure, match=r"^unheard"):
        judge(ScriptedReader(audio_tokens=0)).decide(PAIR)
    assert judge(ScriptedReader(audio_tokens=12)).decide(PAIR).outcome is Outcome.FIRST


def test_a_canary_that_does_not_come_back_leaves_no_verdict():
    reader = ScriptedReader((as_json("1"),))
    listening = judge(reader, canary=Canary(cue_voice()))
    for _ in range(2):
        with pytest.raises(JudgeFailure, match=r"^unheard: of 4 words"):
            listening.decide(PAIR)
    assert all("write down" in messages[0].parts[0] for messages, _ in reader.asked)


def test_costs_are_told_where_prices_are():
    seconds = sum(wave.speech.duration_s for take in (PAIR.first, PAIR.second) for wave in take.turns)
    decision = judge(ScriptedReader(), price={"minute_in": 6.0}).decide(PAIR)
    assert decision.cost_usd == pytest.approx(0.1 * (seconds + PAIR.questions[0].duration_s), rel=0.1)
    assert judge(ScriptedReader()).decide(PAIR).cost_usd is None


def test_identities_tell_models_texts_and_presentations_apart():
    made = [
        judge(ScriptedReader()),
        judge(ScriptedReader(), Presentation.SPOKEN),
        judge(ScriptedReader(), max_tokens=5),
        judge(ScriptedReader(), ties=True),
        judge(ScriptedReader(), temperature=0.5),
        judge(ScriptedReader(), name="other"),
    ]
    assert len({listening.identity for listening in made}) == len(made)
    assert judge(ScriptedReader()).identity == made[0].identity


def test_a_text_mind_judges_by_words_and_measurements_and_keeps_what_was_heard():
    ears = Ears()
    for turns, said in ((PAIR.first.turns, "good evening"), (PAIR.second.turns, "bad morning")):
        ears.script[turns[0].audio.hash] = Said(text=said)
    writer = ScriptedWriter(rule=lambda messages: as_json("1" if "good" in messages[-1].content else "2"))
    reading = ListeningJudge(
        TextReader(writer),
        prompts={"en": prompts()},
        presentation=Presentation.ANNOTATED,
        hearing=ears,
        notebook=Notebook(MemoryStore()),
        retries=NO_WAIT,
    )
    decision = reading.decide(PAIR)
    assert decision.outcome is Outcome.FIRST and not reading.levelled
    assert [type(note) for note in decision.notes] == [Cues, Cues]
    assert reading.decide(PAIR.swapped).notes == () and len(ears.heard) == 2
    prompt = writer.asked[0][-1].content
    assert prompt.index("good evening") < prompt.index("bad morning")


def test_a_text_mind_is_given_no_audio():
    with pytest.raises(JudgeFailure, match="cannot hear"):
        judge(TextReader(ScriptedWriter())).decide(PAIR)
