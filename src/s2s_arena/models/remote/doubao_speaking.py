"""Doubao's text-to-speech over HTTP as a voice: one request a reading, emotions where the voice has them."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import uuid4

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.syllables import syllables
from s2s_arena.errors import AudioError, CardError, InputError, RequestRejected, SystemFailure
from s2s_arena.models import settings as read
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import primary
from s2s_arena.models.readings import Readings
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, json_object, posted
from s2s_arena.models.remote.failures import COMMON_SIGNS, Meaning, Signs, failure
from s2s_arena.models.remote.found import count_at, text_at
from s2s_arena.models.remote.patience import patiently
from s2s_arena.models.remote.speech import WAV, Encoding, decoded
from s2s_arena.models.remote.templates import Json
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.systems import Setting

URL = "https://openspeech.bytedance.com/api/v1/tts"
SECRETS: Mapping[str, str] = {"app_id": "DOUBAO_TTS_APP_ID", "token": "DOUBAO_TTS_TOKEN"}
DONE = 3000
LONGEST_BYTES = 1024
SLOWEST, FASTEST = 0.8, 2.0
GENDERS = ("female", "male")
SIGNS: Signs = (
    ("quota exceeded for types: concurrency", Meaning.WAIT),
    ("quota exceeded", Meaning.ACCESS),
    ("access denied", Meaning.ACCESS),
    ("authenticate request", Meaning.ACCESS),
    ("code 3050 ", Meaning.ACCESS),  # no such voice
    *((f"code {code} ", Meaning.WAIT) for code in ("3003", "3005", "3030", "3031", "3032", "3040")),
    *((f"code {code} ", Meaning.REJECTED) for code in ("3001", "3006", "3010", "3011")),
    *COMMON_SIGNS,
)


class DoubaoSpeech:
    """Implements `directed.Performer`.

    Args:
        endpoint: Where it is.
        voices: Gender -> `voice_type`.
        gender: Of the reader when none is asked.
        languages: Primary tags.
        cluster: The vendor's name for the service.
        emotions: Ours -> the voice's own name of an emotion it has.
        paced: Whether pace is left to `speed_ratio`.
    """

    def __init__(
        self,
        endpoint: remote.Endpoint,
        *,
        voices: Mapping[str, str],
        gender: str,
        languages: Sequence[str],
        cluster: str = "volcano_tts",
        emotions: Mapping[str, str] | None = None,
        paced: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._voices = dict(voices)
        self._gender = gender
        self._languages = frozenset(primary(tag) for tag in languages)
        self._cluster = cluster
        self._emotions = dict(emotions or {})
        self._paced = paced
        self._clients = Clients()
        self._readings = Readings()

    @property
    def identity(self) -> str:
        host = urlsplit(self._endpoint.url).netloc
        voices = "/".join(self._voices.get(gender, "-") for gender in GENDERS)
        return f"doubao-speech/1({self._cluster}, {host}, {voices}, {','.join(sorted(self._emotions)) or 'plain'})"

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def quick(self) -> bool:
        return self._paced

    def gender(self, asked: str | None) -> str:
        return asked if asked in self._voices else self._gender

    def carries(self, delivery: Delivery, traits: Traits) -> frozenset[str]:
        return frozenset({"emotion"}) if delivery.emotion in self._emotions else frozenset()

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        traits = Traits(gender=gender)
        return self.perform(text, language=language, delivery=Delivery(), traits=traits, speed=speed, seed=seed)

    def perform(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """The words; see `exchange.posted` for what is raised beyond InputError."""
        size = len(text.encode())
        if size > LONGEST_BYTES:
            raise InputError(f"voice {self._name}: {size} bytes of text, {LONGEST_BYTES} possible; cut the script")
        audio = self.audio(delivery=delivery, traits=traits, speed=speed)
        key = (text, json.dumps(audio, sort_keys=True))
        return self._readings.of(key, lambda: patiently(lambda: self._asked(text, audio)))

    def audio(self, *, delivery: Delivery, traits: Traits, speed: float) -> dict[str, Json]:
        """The part of the request that says how."""
        made: dict[str, Json] = {
            "voice_type": self._voices[self.gender(traits.gender)],
            "encoding": "wav",
            "rate": 24000,
        }
        if self._paced:
            made["speed_ratio"] = round(min(FASTEST, max(SLOWEST, speed)), 2)
        if delivery.emotion in self._emotions:
            # Their scale is 1 to 5 with 4 by default, ours 0 to 2 with 1.
            scale = min(5.0, max(1.0, 4.0 * delivery.strength))
            made |= {"emotion": self._emotions[delivery.emotion], "enable_emotion": True, "emotion_scale": scale}
        return made

    def syllables(self, text: str, language: str) -> int:
        return max(1, round(syllables(text, language)))

    @property
    def _name(self) -> str:
        return self._endpoint.name.removeprefix("voice ")

    def _asked(self, text: str, audio: Mapping[str, Json]) -> Waveform:
        who = self._endpoint.name
        body = {
            "app": {"appid": self._endpoint.secret("app_id"), "token": "unused", "cluster": self._cluster},
            "user": {"uid": "s2s-arena"},
            "audio": dict(audio),
            # The vendor refuses an id that it has seen: a second try needs its own.
            "request": {"reqid": str(uuid4()), "text": text, "operation": "query"},
        }
        try:
            with posted(
                self._clients,
                self._endpoint,
                url=self._endpoint.address(),
                content=json.dumps(body, ensure_ascii=False).encode(),
                content_type="application/json",
                deadline=self._endpoint.deadline(),
                signs=SIGNS,
            ) as reply:
                value = json_object(reply.content(), who=who)
            code = count_at(value, "code")
            if code != DONE:
                said = self._endpoint.scrubbed(text_at(value, "message") or "")
                raise failure(said, who=who, code=str(code), signs=SIGNS, otherwise=Meaning.WAIT)
        except (SystemFailure, RequestRejected) as error:  # the script's fault: the build leaves it out and goes on
            raise InputError(f"{error}; {text[:30]!r} was not spoken, change it") from error
        try:
            sound = base64.b64decode(text_at(value, "data") or "", validate=True)
            return decoded(sound, Encoding(form=WAV), who=who)
        except (AudioError, binascii.Error) as error:
            raise InputError(f"{who}: {text[:30]!r} came back as no sound ({error}); change it") from error


KNOWN = remote.env_keys(SECRETS) | {
    "url", "female", "male", "cluster", "emotions", "speed", "timeout_s", "patience_s", "connect_s", "aligner",
}  # fmt: skip


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card; its languages are the card's.

    Settings: female, male (voice types); cluster; emotions (a table: our emotion -> the voice's name for it); speed
    (whether pace is the voice's, which takes 0.8 to 2); url, app_id_env, token_env, timeout_s, patience_s, connect_s;
    aligner.
    """
    read.check_keys("doubao-speech", settings, known=KNOWN)
    voices = {key: name for key in GENDERS if (name := read.text(settings, key, ""))}
    if not voices:
        raise CardError("settings.female and settings.male: neither is given; name at least one voice_type")
    gender = read.text(settings, "gender", "female")
    languages = read.texts(settings, "languages") or []
    if not languages:
        raise CardError("languages: none given; list those the voice speaks well")
    name = read.text(settings, "name", "doubao-speech")
    where = remote.endpoint(
        settings,
        name=f"voice {name}",
        url=URL,
        transport="http",
        secrets=SECRETS,
        headers={"Authorization": "Bearer;{token}"},  # with a semicolon, as the vendor has it
    )
    emotions = {ours: str(theirs) for ours, theirs in remote.extra(settings, "emotions").items()}
    engine = DoubaoSpeech(
        where,
        voices=voices,
        gender=gender if gender in voices else next(iter(voices)),
        languages=languages,
        cluster=read.text(settings, "cluster", "volcano_tts"),
        emotions=emotions,
        paced=read.flag(settings, "speed", False),
    )
    aligner = read.text(settings, "aligner", "whisper-base")
    return DirectedVoice(engine, name=name, ears=(lambda: parts.transcriber(aligner)) if aligner else None)
