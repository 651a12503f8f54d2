"""Ears behind a server: OpenAI-compatible transcriptions, and SenseVoice, which also tells emotion and sounds."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, InfrastructureError
from s2s_arena.models import settings as read
from s2s_arena.models.cascade import written_language
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, posted
from s2s_arena.models.remote.forms import multipart
from s2s_arena.models.remote.found import objects_at, text_at
from s2s_arena.models.remote.speech import WAV, Encoding, encoded
from s2s_arena.models.tags import Tagged
from s2s_arena.records.cues import Transcript
from s2s_arena.records.systems import Setting

URL = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
FORMATS = ("verbose_json", "json")
"""Of the reply; the first also tells the language."""

RATE_HZ = 16000
_SETTINGS = frozenset({"url", "model", "key_env", "format", "language", "timeout_s", "patience_s", "connect_s"})
_LANGUAGES: Mapping[str, str] = {
    "english": "en",
    "chinese": "zh",
    "mandarin": "zh",
    "cantonese": "yue",
    "japanese": "ja",
    "korean": "ko",
    "hindi": "hi",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "russian": "ru",
    "arabic": "ar",
}
"""Names that such endpoints give instead of tags."""

_TAG = re.compile(r"<\|([^|<>]*)\|>")
_EMOTIONS: Mapping[str, str] = {
    "HAPPY": "happy",
    "SAD": "sad",
    "ANGRY": "angry",
    "NEUTRAL": "neutral",
    "FEARFUL": "fearful",
    "DISGUSTED": "disgusted",
    "SURPRISED": "surprised",
}
_EVENTS: Mapping[str, str] = {
    "BGM": "music",
    "Applause": "applause",
    "Laughter": "laughter",
    "Cry": "crying",
    "Sneeze": "a sneeze",
    "Breath": "breathing",
    "Cough": "coughing",
}
_SPOKEN = frozenset({"zh", "en", "yue", "ja", "ko"})


class TranscriptionEndpoint:
    """Implements `protocols.Transcriber` by POST /audio/transcriptions.

    Args:
        endpoint: Where it is, up to `/v1`.
        model: Its name there.
        form: One of `FORMATS`.
        language: What is always spoken, if that is known.
    """

    def __init__(self, endpoint: remote.Endpoint, *, model: str, form: str, language: str = "") -> None:
        self._endpoint = endpoint
        self._model = model
        self._form = form
        self._language = language
        self._clients = Clients()

    @property
    def identity(self) -> str:
        return f"openai-hear/1({self._model}, {urlsplit(self._endpoint.url).netloc}, {self._form})"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        """What is said, without word times; see `exchange.posted` for what is raised."""
        wav = encoded(speech, Encoding(form=WAV, rate_hz=RATE_HZ))
        forced = language or self._language
        fields = {"model": self._model, "response_format": self._form, **({"language": forced} if forced else {})}
        content, kind = multipart(fields, {"file": ("speech.wav", wav, "audio/wav")})
        with posted(
            self._clients,
            self._endpoint,
            url=f"{self._endpoint.address().rstrip('/')}/audio/transcriptions",
            content=content,
            content_type=kind,
            deadline=self._endpoint.deadline(),
        ) as reply:
            value = reply.value()
        text = text_at(value, "text")
        if text is None:
            raise InfrastructureError(f"{self._endpoint.name}: a reply without text came")
        told = (text_at(value, "language") or "").lower()
        tag = _LANGUAGES.get(told, told) or forced or written_language(text, "en")
        return Transcript(text=text.strip(), language=tag)


class SenseVoice:
    """Implements `protocols.Transcriber`, and `tags.TaggedEars`, by the server of SenseVoice's repository (api.py).

    Args:
        endpoint: Where it is, without `/api/v1/asr`.
        language: auto, or what is always spoken.
    """

    def __init__(self, endpoint: remote.Endpoint, *, language: str = "auto") -> None:
        self._endpoint = endpoint
        self._language = language
        self._clients = Clients()

    @property
    def identity(self) -> str:
        return f"sensevoice/1({urlsplit(self._endpoint.url).netloc}, {self._language})"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        return self.listen(speech, language=language).transcript

    def listen(self, speech: Waveform, *, language: str | None = None) -> Tagged:
        """Words, emotion and sounds; see `exchange.posted` for what is raised."""
        wav = encoded(speech, Encoding(form=WAV, rate_hz=RATE_HZ))
        fields = {"keys": "speech", "lang": language or self._language}
        content, kind = multipart(fields, {"files": ("speech.wav", wav, "audio/wav")})
        with posted(
            self._clients,
            self._endpoint,
            url=f"{self._endpoint.address().rstrip('/')}/api/v1/asr",
            content=content,
            content_type=kind,
            deadline=self._endpoint.deadline(),
        ) as reply:
            value = reply.value()
        raw = "".join(text_at(found, "raw_text") or "" for found in objects_at(value, "result"))
        return parsed(raw)


def parsed(raw: str) -> Tagged:
    """SenseVoice's own text, such as `<|en|><|HAPPY|><|Speech|><|woitn|>how nice`, taken apart.

    Long speech comes in several pieces with tags of their own: the first language holds, and the most frequent
    emotion other than neutral, if there is any.
    """
    tags = _TAG.findall(raw)
    text = " ".join(_TAG.sub(" ", raw).split())
    languages = [tag for tag in tags if tag in _SPOKEN]
    emotions = [_EMOTIONS[tag] for tag in tags if tag in _EMOTIONS]
    moved = [emotion for emotion in emotions if emotion != "neutral"] or emotions
    emotion = max(dict.fromkeys(moved), key=moved.count) if moved else None
    events = tuple(dict.fromkeys(_EVENTS[tag] for tag in tags if tag in _EVENTS))
    language = languages[0] if languages else "und" if "nospeech" in tags else written_language(text, "en")
    # Cantonese is written, and answered, as Chinese.
    transcript = Transcript(text=text, language="zh" if language == "yue" else language)
    return Tagged(transcript=transcript, emotion=emotion, events=events)


def build(settings: Mapping[str, Setting], parts: Parts) -> TranscriptionEndpoint:
    """Ears from settings: url (up to /v1), model, key_env (empty: no key), format (verbose_json, which tells the
    language, or json), language (always forced), timeout_s, patience_s, connect_s.
    """
    read.check_keys("openai-hear", settings, known=_SETTINGS)
    model, form = read.text(settings, "model"), read.text(settings, "format", FORMATS[0])
    if form not in FORMATS:
        raise CardError(f"settings.format: {form!r} given, one of {', '.join(FORMATS)} needed")
    where = remote.endpoint(
        settings,
        name=f"ears {model}",
        url=URL,
        transport="http",
        secrets={"key": KEY},
        headers={"Authorization": "Bearer {key}"},
    )
    return TranscriptionEndpoint(where, model=model, form=form, language=read.text(settings, "language", ""))


def build_sensevoice(settings: Mapping[str, Setting], parts: Parts) -> SenseVoice:
    """Ears from settings: url, language (auto, zh, en, yue, ja, ko), timeout_s, patience_s, connect_s."""
    known = frozenset({"url", "language", "timeout_s", "patience_s", "connect_s"})
    read.check_keys("sensevoice", settings, known=known)
    language = read.text(settings, "language", "auto")
    if language not in _SPOKEN | {"auto"}:
        raise CardError(f"settings.language: {language!r} given, one of auto, {', '.join(sorted(_SPOKEN))} needed")
    where = remote.endpoint(settings, name="ears SenseVoice", url="", transport="http")
    return SenseVoice(where, language=language)
