"""A voice behind any OpenAI-compatible speech endpoint: plain, told how to speak, or described (Parler style)."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.syllables import syllables
from s2s_arena.errors import AudioError, CardError, InputError, SystemFailure
from s2s_arena.models import settings as read
from s2s_arena.models.described import describe, tells
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import primary
from s2s_arena.models.readings import Readings
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, posted
from s2s_arena.models.remote.patience import patiently
from s2s_arena.models.remote.speech import PCM16, Encoding, decoded
from s2s_arena.models.remote.templates import Json
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.systems import Setting

URL = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
DESCRIBED_IN = ("", "instructions", "voice", "description")
"""The field of the request that takes a description; "" for a voice that takes none."""

LONGEST_LETTERS = 4096
GENDERS = ("female", "male")


class SpeechEndpoint:
    """Implements `directed.Performer` by POST /audio/speech.

    Args:
        endpoint: Where it is, up to `/v1`.
        model: Its name there.
        voices: Gender -> name of the voice; empty where the description chooses it.
        gender: Of the reader when none is asked.
        languages: Primary tags.
        described_in: One of `DESCRIBED_IN`.
        response_format: What comes back; `pcm` is 16 bits at 24 kHz.
        paced: Whether it takes `speed`; otherwise pace is done to its signal.
        seeded: Whether it takes `seed`.
        extra: Further fields of the request.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        *,
        model: str,
        voices: Mapping[str, str],
        gender: str,
        languages: Sequence[str],
        described_in: str = "",
        response_format: str = "wav",
        paced: bool = False,
        seeded: bool = False,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._voices = dict(voices)
        self._gender = gender
        self._languages = frozenset(primary(tag) for tag in languages)
        self._described_in = described_in
        self._format = response_format
        self._paced = paced
        self._seeded = seeded
        self._extra = dict(extra or {})
        self._clients = Clients()
        self._readings = Readings()

    @property
    def identity(self) -> str:
        host = urlsplit(self._endpoint.url).netloc
        voices = "/".join(self._voices.get(gender, "-") for gender in GENDERS)
        return f"openai-speech/1({self._model}, {host}, {voices}, {self._described_in or 'plain'})"

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def quick(self) -> bool:
        return self._paced

    def gender(self, asked: str | None) -> str:
        # A description asks for the reader's gender too.
        able = GENDERS if self._described_in in ("voice", "description") else tuple(self._voices)
        return asked if asked in able else self._gender

    def carries(self, delivery: Delivery, traits: Traits) -> frozenset[str]:
        return tells(delivery, traits) if self._described_in else frozenset()

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        traits = Traits(gender=gender)
        return self.perform(text, language=language, delivery=Delivery(), traits=traits, speed=speed, seed=seed)

    def perform(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """The words; see `exchange.posted` for what is raised beyond InputError."""
        if len(text) > LONGEST_LETTERS:
            raise InputError(
                f"voice {self._model}: {len(text)} letters given, {LONGEST_LETTERS} possible; cut the script"
            )
        body = self.body(text, delivery=delivery, traits=traits, speed=speed, seed=seed)
        content = json.dumps(body, ensure_ascii=False).encode()
        return self._readings.of(content, lambda: patiently(lambda: self._asked(content, text)))

    def body(self, text: str, *, delivery: Delivery, traits: Traits, speed: float, seed: int) -> dict[str, Json]:
        """The request."""
        gender = self.gender(traits.gender)
        made: dict[str, Json] = {"model": self._model, "input": text, "response_format": self._format}
        if gender in self._voices:
            made["voice"] = self._voices[gender]
        if self._described_in:
            made[self._described_in] = describe(delivery, Traits(gender=gender, age=traits.age, accent=traits.accent))
        if self._paced and speed != 1.0:
            made["speed"] = round(speed, 3)
        if self._seeded:
            made["seed"] = seed
        return {**made, **self._extra}

    def syllables(self, text: str, language: str) -> int:
        return max(1, round(syllables(text, language)))

    def _asked(self, content: bytes, text: str) -> Waveform:
        who = self._endpoint.name
        try:
            with posted(
                self._clients,
                self._endpoint,
                url=f"{self._endpoint.address().rstrip('/')}/audio/speech",
                content=content,
                content_type="application/json",
                deadline=self._endpoint.deadline(),
            ) as reply:
                sound = reply.content()
        except SystemFailure as error:  # of a voice it is the script's fault: the build leaves it out and goes on
            raise InputError(f"voice {self._model}: {text[:30]!r} was not spoken ({error}); change it") from error
        if not sound:
            raise InputError(f"voice {self._model}: {text[:30]!r} came back without sound; change it")
        try:
            return decoded(sound, Encoding(form=PCM16 if self._format == "pcm" else self._format), who=who)
        except AudioError as error:
            raise InputError(f"{error}; see settings.response_format") from error


OWN = frozenset(
    {
        "url", "model", "key_env", "female", "male", "described_in", "response_format", "speed", "seeds", "extra",
        "timeout_s", "patience_s", "connect_s", "aligner",
    }
)  # fmt: skip


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card; its languages are the card's.

    Settings: url (up to /v1); model; key_env (empty: no key); female, male (names of voices); described_in (the field
    that takes a description: instructions, voice or description; empty for none); response_format (wav, flac, mp3,
    opus or pcm); speed and seeds (whether it takes them); extra; timeout_s, patience_s, connect_s; aligner.
    """
    read.check_keys("openai-speech", settings, known=OWN)
    model = read.text(settings, "model")
    described_in = read.text(settings, "described_in", "")
    if described_in not in DESCRIBED_IN:
        raise CardError(f"settings.described_in: {described_in!r} given; one of {', '.join(DESCRIBED_IN[1:])} or empty")
    gender = read.text(settings, "gender", "female") or "female"
    voices = {key: name for key in GENDERS if (name := read.text(settings, key, ""))}
    if not voices and described_in not in ("voice", "description"):
        raise CardError("settings.female and settings.male: neither is given; name at least one voice of the endpoint")
    if voices and gender not in voices:
        gender = next(iter(voices))
    languages = read.texts(settings, "languages") or []
    if not languages:
        raise CardError("languages: none given; list those the voice speaks well")
    where = remote.endpoint(
        settings,
        name=f"voice {model}",
        url=URL,
        transport="http",
        secrets={"key": KEY},
        headers={"Authorization": "Bearer {key}"},
    )
    engine = SpeechEndpoint(
        where,
        model=model,
        voices=voices,
        gender=gender,
        languages=languages,
        described_in=described_in,
        response_format=read.text(settings, "response_format", "wav"),
        paced=read.flag(settings, "speed", False),
        seeded=read.flag(settings, "seeds", False),
        extra=remote.extra(settings),
    )
    aligner = read.text(settings, "aligner", "whisper-base")
    name = read.text(settings, "name", model)
    return DirectedVoice(engine, name=name, ears=(lambda: parts.transcriber(aligner)) if aligner else None)
