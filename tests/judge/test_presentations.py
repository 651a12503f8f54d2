"""The named presentations: what a model gets to hear and to read in each."""

import re
from dataclasses import replace

import pytest

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, InputError
from s2s_arena.judge.presentations import Presentation, presented, prompt_hash
from s2s_arena.judge.prompts.listening import LANGUAGES, fitting, listening_prompts, shipped
from s2s_arena.records.cues import Cues, Transcript
from tests.judge.listeners import comparison, cue_voice, prompts, take
from tests.judge.parts import PROSODY

SPOKEN, PARTS, TRANSCRIPTS, ANNOTATED = Presentation


def heard(said) -> Cues:
    text = f"{said.who} {said.turn}"
    return Cues(
        audio=said.audio.hash,
        extractor="e",
        transcript=Transcript(text=text, language="en"),
        prosody=PROSODY,
        quality=None,
        heads={"emotion:happy": 0.7, "emotion:sad": 0.1},
    )


def show(compared, presentation, **options):
    options.setdefault("prompts", prompts())
    return presented(compared, presentation, voice=cue_voice(), hear=heard, **options)


def audio(messages):
    return [part for message in messages for part in message.parts if isinstance(part, Waveform)]


def text(messages):
    return "\n".join(part for message in messages for part in message.parts if isinstance(part, str))


def test_spoken_is_one_audio_and_a_short_text():
    messages = show(comparison(take(1), take(2)), SPOKEN)
    assert [m.role for m in messages] == ["system", "user"] and len(audio(messages)) == 1
    assert prompts().ask.spoken in text(messages) and '"winner"' in text(messages)


def test_parts_are_labelled_one_by_one_at_one_rate():
    messages = show(comparison(take(1, rate_hz=24000), take(2)), PARTS)
    kinds = ["audio" if isinstance(part, Waveform) else "text" for part in messages[1].parts]
    assert kinds == ["text", "audio", "text", "audio", "text", "audio", "text"]
    assert {wave.rate_hz for wave in audio(messages)} == {24000}
    labels = [part.splitlines()[-1] for part in messages[1].parts if isinstance(part, str)]
    assert labels[:3] == ["What the user said:", "Answer 1:", "Answer 2:"]


def test_dialogues_come_whole_in_parts_too():
    messages = show(comparison(take(1, 1), take(1, 1), turns=2), PARTS)
    assert len(audio(messages)) == 8
    assert text(messages).index("Conversation 1") < text(messages).index("Conversation 2")


def test_transcripts_hold_words_and_nothing_that_was_measured():
    written = text(show(comparison(take(1), take(2)), TRANSCRIPTS))
    assert '"first 0"' in written and '"second 0"' in written and '"say 0"' in written
    assert "sad" not in written and "Hz" not in written.replace("dBFS", "")
    assert written.index("first 0") < written.index("second 0")


def test_annotations_tell_what_was_measured_and_what_the_user_sounded_like():
    written = text(show(comparison(take(1), take(2)), ANNOTATED))
    assert "how it sounds: emotion sad" in written
    assert "sounds rather happy (70%)" in written and "200 Hz" in written


@pytest.mark.parametrize("presentation", Presentation)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_presentation_exists_in_every_language(presentation, language):
    messages = show(
        comparison(take(1, 1), take(1, 1), turns=2, language=language, guideline="gentle"),
        presentation,
        prompts=prompts(language),
        ties=True,
    )
    assert bool(audio(messages)) is presentation.audible
    assert "gentle" in text(messages)
    assert re.search(r"\{[a-z]+\}", text(messages)) is None


def test_words_of_a_user_whom_nobody_recorded_are_written():
    unrecorded = replace(comparison(take(1), take(1)), questions=(None,))
    for presentation in (SPOKEN, PARTS):
        assert 'The user\'s words: "say 0"' in text(show(unrecorded, presentation))
    assert len(audio(show(unrecorded, PARTS))) == 2


def test_the_hash_depends_on_every_sample_and_word():
    one, other = comparison(take(1), take(2)), comparison(take(2), take(1))
    hashes = {
        prompt_hash(show(one, SPOKEN)),
        prompt_hash(show(other, SPOKEN)),
        prompt_hash(show(one, PARTS)),
        prompt_hash(show(one, SPOKEN, ties=True)),
        prompt_hash(show(one, SPOKEN), "more"),
    }
    assert len(hashes) == 5
    assert prompt_hash(show(one, SPOKEN)) == prompt_hash(show(one, SPOKEN))


def test_texts_are_data_with_versions_and_hashes():
    assert {language: texts.language for language, texts in shipped().items()} == {"en": "en", "zh": "zh"}
    assert len({texts.hash for texts in shipped().values()}) == 2
    assert fitting(shipped(), "zh-TW").language == "zh" and fitting(shipped(), "hi").language == "en"
    with pytest.raises(CardError, match="shipped are en, zh"):
        listening_prompts("xx")
    with pytest.raises(InputError, match="cues"):
        listening_prompts(text='version = "1"\nlanguage = "en"')
