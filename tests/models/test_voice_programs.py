"""Voices that are programs of the user's: the real ones where installed, and small ones with the same command line."""

import shutil

import pytest

from s2s_arena.errors import CardError, InputError, MissingError
from s2s_arena.models import espeak, piper
from s2s_arena.records.speech import Delivery, Pause, Segment, Traits, Utterance
from tests.models import voice_programs
from tests.models.doubles import FakeParts


def utterance(text, language, *, traits=None, **delivery):
    segment = Segment(text=text, language=language, delivery=Delivery(**delivery))
    return Utterance(segments=(segment,), traits=traits or Traits())


def say(voice, text, language, **how):
    return voice.speak(utterance(text, language, **how), seed=1)


@pytest.fixture
def speaking(tmp_path):
    """espeak-ng's command line."""
    program = voice_programs.espeak(tmp_path)

    def made(**settings):
        given = {"program": str(program), "name": "robot", "gender": "male", "aligner": "", **settings}
        return espeak.build(given, FakeParts(None, None, None, folder=tmp_path))

    return made


@pytest.fixture
def piping(tmp_path):
    """Piper's command line with a German model."""
    program, model = voice_programs.piper(tmp_path)

    def made(**settings):
        given = {
            "program": str(program), "weights": model.name, "name": "hans", "gender": "male", "aligner": "", **settings,
        }  # fmt: skip
        parts = FakeParts(None, None, None, folder=tmp_path)
        parts.cache = tmp_path
        return piper.build(given, parts)

    return made


def test_espeak_speaks_what_is_installed_of_what_its_card_claims(speaking):
    assert speaking().languages == {"zh", "en", "hi", "fr"}  # kana alone is no Japanese
    assert speaking(languages=["hi", "sw"]).languages == {"hi"}
    assert speaking().identity.startswith("espeak-ng/1.99/")


def test_text_is_never_an_option(speaking):
    assert say(speaking(), "--version is what it says", "en").duration_s > 1.0


def test_pace_is_the_programs_and_exact(speaking):
    plain, fast = (say(speaking(), "one two three four five", "hi", rate=rate) for rate in (1.0, 1.5))
    assert plain.duration_s / fast.duration_s == pytest.approx(1.5, rel=0.03)


@pytest.mark.parametrize(
    ("text", "language", "message"),
    [
        ("你好", "en", "'你好' holds Chinese or Japanese, which espeak-ng's en voice cannot read"),
        ("你好", "hi", "espeak-ng's hi voice cannot read"),
        ("こんにちは", "zh", None),
        ("hello", "ja", "voice robot: language ja of 'hello' is not spoken"),
        ("hujambo", "sw", "voice robot: language sw of 'hujambo' is not spoken"),
        ("...", "en", "has nothing to say"),
    ],
)
def test_a_language_is_spoken_by_its_own_voice_or_not_at_all(speaking, text, language, message):
    if message is None:
        assert say(speaking(), text, language).duration_s > 0.1
        return
    with pytest.raises(InputError, match=message):
        say(speaking(), text, language)


def test_a_program_that_is_not_there_is_said_with_how_to_get_it(speaking):
    with pytest.raises(MissingError, match="program nowhere-ng is not installed; run apt install espeak-ng"):
        speaking(program="nowhere-ng")


def test_a_program_that_hangs_or_fails_is_an_input_error(tmp_path, speaking):
    voice = speaking(timeout_s=0.7)
    voice_programs.program(tmp_path, "espeak-ng", "import time; time.sleep(30)")
    with pytest.raises(InputError, match=r"was not done with 'hello' after 0.7 s; shorten the script"):
        say(voice, "hello", "en")
    voice_programs.program(tmp_path, "espeak-ng", "raise SystemExit('no voice data')")
    with pytest.raises(InputError, match="espeak-ng ended with status 1: no voice data"):
        say(speaking_again(tmp_path), "hello", "en")


def speaking_again(folder):
    from s2s_arena.models.voice_program import VoiceProgram

    class Once(VoiceProgram):
        def told(self, *arguments):
            return "Pty Language\n 5 en-us - English f/en\n" if "--voices" in arguments else "text-to-speech: 1.0"

    program = Once(str(folder / "espeak-ng"), voice="robot", remedy="get it")
    engine = espeak.Espeak(program, name="robot", languages=None, female="f2", male="", gender="male")
    return espeak.DirectedVoice(engine, name="robot")


def test_piper_speaks_the_language_of_its_model_alone(piping):
    voice = piping()
    assert voice.languages == {"de"} and voice.identity.startswith("piper/voice/")
    assert say(voice, "Guten Morgen", "de-DE").duration_s > 0.4
    with pytest.raises(InputError, match="language en of 'Good morning' is not spoken"):
        say(voice, "Good morning", "en")
    with pytest.raises(InputError, match="holds Chinese or Japanese and the voice speaks de only"):
        say(voice, "你好", "de")


def test_piper_reads_a_script_of_several_lines_whole(piping):
    assert say(piping(), "eins\nzwei\ndrei", "de").duration_s == say(piping(), "eins zwei drei", "de").duration_s


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot be read"), ("{}", "names no language"), ('{"language": {"code": "cmn_CN"}}', None)],
)
def test_a_model_without_a_language_is_refused(tmp_path, piping, content, message):
    (tmp_path / "voice.onnx.json").write_text(content)
    if message is None:
        assert piping().languages == {"zh"}
        return
    with pytest.raises(CardError, match=message):
        piping()


def test_a_piper_model_that_is_not_there_is_named(piping):
    with pytest.raises(CardError, match=r"weights missing.onnx: neither a pinned set .* nor an existing path"):
        piping(weights="missing.onnx")


# ------------------------------------------------------------------------------------- the real ones


@pytest.fixture(scope="module")
def real_espeak():
    if shutil.which("espeak-ng") is None:
        pytest.skip("voice program not installed: espeak-ng")
    return espeak.build({"name": "espeak-ng", "gender": "male", "aligner": ""}, FakeParts(None, None, None))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hi", "नमस्ते, आप कैसे हैं?"),
        ("ar", "صباح الخير"),
        ("ko", "안녕하세요"),
        ("ru", "Доброе утро"),
        ("es", "Buenos días"),
    ],
)
def test_espeak_speaks_the_seed_suites_other_languages(real_espeak, language, text):
    first, again = (say(real_espeak, text, language) for _ in range(2))
    assert first.duration_s > 0.4 and first.hash() == again.hash()


def test_espeak_follows_directions(real_espeak):
    text = "आज मौसम बहुत अच्छा है।"
    plain = say(real_espeak, text, "hi")
    slow = say(real_espeak, text, "hi", rate=0.75)
    paused = say(real_espeak, text, "hi", pauses=(Pause(after="मौसम", seconds=1.0),))
    woman = say(real_espeak, text, "hi", traits=Traits(gender="female"))
    assert plain.duration_s / slow.duration_s == pytest.approx(0.75, rel=0.04)
    assert paused.duration_s > plain.duration_s + 0.8
    assert woman.hash() != plain.hash()


def test_piper_itself_speaks_and_repeats(local_parts):
    if shutil.which("piper") is None:
        pytest.skip("voice program not installed: piper")
    try:
        voice = local_parts.speaker("piper-joe")
    except MissingError:
        pytest.skip("voice program not installed: piper's voice")
    first, again = (say(voice, "The train leaves in the morning.", "en") for _ in range(2))
    assert first.duration_s > 1.0 and first.hash() == again.hash()
    slow = say(voice, "The train leaves in the morning.", "en", rate=0.8)
    assert first.duration_s / slow.duration_s == pytest.approx(0.8, rel=0.03)
