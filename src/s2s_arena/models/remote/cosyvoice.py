"""CosyVoice behind the server of its repository: a voice that follows instructions."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.syllables import syllables
from s2s_arena.errors import CardError, InputError, SystemFailure
from s2s_arena.models import settings as read
from s2s_arena.models.described import describe, tells
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import primary
from s2s_arena.models.readings import Readings
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.exchange import Clients, posted
from s2s_arena.models.remote.patience import patiently
from s2s_arena.models.remote.speech import PCM16, Encoding, Gathered
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.systems import Setting

RATE_HZ = 22050
RATE_HEADER = "x-custom-header-samplerate"  # which newer servers send, as newer models have another rate
GENDERS = ("female", "male")


class CosyVoice:
    """Implements `directed.Performer` by POST /inference_instruct, and /inference_sft where nothing is directed.

    Args:
        endpoint: Where it is, `runtime/python/fastapi/server.py` of github.com/FunAudioLLM/CosyVoice.
        voices: Gender -> name of the speaker (spk_id).
        languages: Primary tags.
        instructs: Whether its model takes instructions; otherwise feeling is left to its signal.
    """

    def __init__(
        self, endpoint: remote.Endpoint, *, voices: Mapping[str, str], languages: Sequence[str], instructs: bool
    ) -> None:
        self._endpoint = endpoint
        self._voices = dict(voices)
        self._languages = frozenset(primary(tag) for tag in languages)
        self._instructs = instructs
        self._clients = Clients()
        self._readings = Readings()

    @property
    def identity(self) -> str:
        voices = "/".join(self._voices.get(gender, "-") for gender in GENDERS)
        told = "instruct" if self._instructs else "sft"
        return f"cosyvoice/1({urlsplit(self._endpoint.url).netloc}, {voices}, {told})"

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def quick(self) -> bool:
        return False

    def gender(self, asked: str | None) -> str:
        return asked if asked in self._voices else next(iter(self._voices))

    def carries(self, delivery: Delivery, traits: Traits) -> frozenset[str]:
        return tells(delivery, Traits()) if self._instructs else frozenset()

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        return self.perform(
            text, language=language, delivery=Delivery(), traits=Traits(gender=gender), speed=speed, seed=seed
        )

    def perform(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """The words; see `exchange.posted` for what is raised beyond InputError."""
        gender = self.gender(traits.gender)
        fields = {"tts_text": text, "spk_id": self._voices[gender]}
        way = "inference_sft"
        if self._instructs and self.carries(delivery, traits):
            way = "inference_instruct"
            fields["instruct_text"] = describe(delivery, Traits(gender=gender))
        content = urlencode(fields).encode()
        return self._readings.of((way, content), lambda: patiently(lambda: self._asked(way, content, text)))

    def syllables(self, text: str, language: str) -> int:
        return max(1, round(syllables(text, language)))

    def _asked(self, way: str, content: bytes, text: str) -> Waveform:
        gathered = Gathered(Encoding(form=PCM16, rate_hz=RATE_HZ), who=self._endpoint.name)
        try:
            with posted(
                self._clients,
                self._endpoint,
                url=f"{self._endpoint.address().rstrip('/')}/{way}",
                content=content,
                content_type="application/x-www-form-urlencoded",
                deadline=self._endpoint.deadline(),
            ) as reply:
                told = reply.headers.get(RATE_HEADER, "")
                if told.isdigit():
                    gathered.at_rate(int(told))
                for piece in reply.pieces():
                    gathered.sound(piece)
        except SystemFailure as error:  # of a voice it is the words' fault
            raise InputError(f"voice CosyVoice: {text[:30]!r} was not spoken ({error}); change it") from error
        speech = gathered.speech()
        if speech is None:
            raise InputError(f"voice CosyVoice: {text[:30]!r} came back without sound; change it")
        return speech


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card; its languages are the card's.

    Settings: url; female, male (names of its speakers); instructs (whether its model takes instructions, as
    CosyVoice-300M-Instruct does); aligner; timeout_s, patience_s, connect_s.
    """
    known = frozenset({"url", "female", "male", "instructs", "aligner", "timeout_s", "patience_s", "connect_s"})
    read.check_keys("cosyvoice", settings, known=known)
    voices = {key: name for key in GENDERS if (name := read.text(settings, key, ""))}
    if not voices:
        raise CardError("settings.female and settings.male: neither is given; name at least one of its speakers")
    languages = read.texts(settings, "languages") or []
    if not languages:
        raise CardError("languages: none given; list those the voice speaks well")
    engine = CosyVoice(
        remote.endpoint(settings, name="voice CosyVoice", url="", transport="http"),
        voices=voices,
        languages=languages,
        instructs=read.flag(settings, "instructs", True),
    )
    aligner = read.text(settings, "aligner", "whisper-base")
    ears = (lambda: parts.transcriber(aligner)) if aligner else None
    return DirectedVoice(engine, name=read.text(settings, "name", "cosyvoice"), ears=ears)
