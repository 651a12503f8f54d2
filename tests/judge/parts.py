"""Scripted ears and a scripted mind for the embedded judge, and short ways to write what they hear."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.extract import told
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn
from s2s_arena.protocols import Message
from s2s_arena.records.cues import Cues, Prosody, Quality, Transcript, Word
from s2s_arena.records.identity import AudioHash, SampleId
from s2s_arena.records.samples import Expectation, Sample, Turn
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.taxonomy import Level
from s2s_arena.testing.sound import silence, tones

PROSODY = Prosody(
    duration_s=3.0,
    speech_s=2.5,
    lead_s=0.1,
    tail_s=0.3,
    pauses=(),
    syllables_per_s=4.5,
    f0_median_hz=200.0,
    f0_range_st=8.0,
    f0_sd_st=2.5,
    f0_final_slope_st_s=-5.0,
    intensity_dbfs=-22.0,
    intensity_sd_db=6.0,
    voiced_share=0.7,
)


@dataclass
class Said:
    """What scripted ears hear in one waveform."""

    text: str = "It is four o'clock."
    language: str = "en"
    prosody: Prosody = PROSODY
    mos: float | None = 3.2
    heads: Mapping[str, float] = field(default_factory=dict)
    checks: Mapping[str, float] = field(default_factory=dict)
    sure: float = 1.0  # of the language
    told: str | None = None  # the words, where ears are told the language


class Ears:
    """Hears in each waveform what it was told; counts how often."""

    identity = "ears/1"

    def __init__(self) -> None:
        self.script: dict[AudioHash, Said] = {}
        self.heard: list[AudioHash] = []

    def hear(self, speech: Waveform, *, audio: AudioHash, language: str | None = None) -> Cues:
        self.heard.append(audio)
        said = self.script[audio]
        text = said.text if language is None or said.told is None else said.told
        words = tuple(Word(text=w, start_s=0.1 + 0.3 * n, end_s=0.4 + 0.3 * n) for n, w in enumerate(text.split()))
        heard = Transcript(text=text, language=language or said.language, language_probability=said.sure, words=words)
        return Cues(
            audio=audio,
            extractor=self.identity if language is None else told(self.identity, language),
            transcript=heard if text else None,
            prosody=said.prosody,
            quality=None if said.mos is None else Quality(signal=3.0, background=4.0, overall=said.mos, p808=3.0),
            heads=said.heads,
            checks=said.checks,
        )


class Mind:
    """Answers by a function of the whole prompt; keeps the prompts."""

    identity = "mind/1"

    def __init__(self, odds: Callable[[str], float] = lambda prompt: 0.0) -> None:
        self.odds = odds
        self.prompts: list[str] = []

    def write(
        self,
        messages: Sequence[Message],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 256,
        schema: Mapping[str, object] | None = None,
    ) -> str:
        raise AssertionError("the judge must not ask for prose")

    def log_odds(self, messages: Sequence[Message], *, yes: str, no: str) -> float:
        prompt = "\n".join(message.content for message in messages)
        self.prompts.append(prompt)
        return self.odds(prompt)


def sample(**parts: object) -> Sample:
    """An English question about the time, at level 1 unless said otherwise."""
    turn = Turn(script="Could you tell me the time in London please?", language="en")
    whole = Sample(id=SampleId("s"), language="en", turns=(turn,), level=Level.L1)
    return replace(whole, **parts)  # type: ignore[arg-type]


def expecting(cue: str, want: str, **parts: object) -> Sample:
    return sample(expects=(Expectation(cue=cue, want=want),), **parts)


def compared(
    ears: Ears, asked: Sample, *answers: Said | None, own: Sequence[str | None] = (None, None), seed: int = 0
) -> Comparison:
    """A comparison of two answers that the ears hear as they are written; None is no speech at all."""
    takes = []
    for place, (said, text) in enumerate(zip(answers, own, strict=True)):
        if said is None:
            takes.append(HeardTake(turns=(HeardTurn(speech=None, audio=None),)))
            continue
        wave = silence(1.0 + place) if said.prosody.speech_s == 0 else tones([f"a{place}", said.text], rate=1.0 + place)
        ref = AudioRef(hash=wave.hash(), rate_hz=wave.rate_hz, frames=wave.frames)
        ears.script[ref.hash] = said
        takes.append(HeardTake(turns=(HeardTurn(speech=wave, audio=ref, own_text=text),)))
    question = tones(asked.turns[0].script.split())
    return Comparison(sample=asked, questions=(question,), first=takes[0], second=takes[1], seed=seed)
