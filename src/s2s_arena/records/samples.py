"""What systems are asked: samples, their turns and expectations, and the frozen suites that hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.records.identity import SampleId, SuiteHash, SuiteName, content_hash
from s2s_arena.records.speech import AudioRef, Delivery, Traits, Utterance
from s2s_arena.records.taxonomy import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Noise behind the speech."""

    scene: str  # airport street cafe station park office vehicle household, or a file's name
    snr_db: float  # over active speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing a user says: words, how they are said, what else can be heard, and the speech once it exists."""

    script: str
    language: str  # BCP 47 of the words
    delivery: Delivery = field(default_factory=Delivery)
    traits: Traits = field(default_factory=Traits)
    background: Background | None = None
    labels: Mapping[str, str] = field(
        default_factory=dict
    )  # what can be heard: emotion=sad, pace=fast, gender=female ...
    speech: AudioRef | None = None
    voice: str | None = None  # the voice card that spoke it; None for recordings
    respelling: str | None = None  # what the voice is given where the script can be read in more than one way


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Speech made from one turn: kept so that a build that was stopped, or is repeated, speaks nothing twice."""

    key: str  # `spoken_key`: all that the speech depends on
    voice: str  # the voice card's name
    clean: AudioRef  # the voice alone
    speech: AudioRef  # with the turn's background; equal to `clean` where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that the *answer* must show, in a form an instrument can check.

    `cue` names what is measured, `want` what is right:
    rate slow|fast|slow_then_fast|fast_then_slow · pitch low|high · range flat|wide · volume soft|loud ·
    emotion NAME · emphasis WORD · pause WORD (a pause after it) · language BCP47 · gender male|female ·
    age child|adult|elder · style whisper|sing|sound · contains TEXT (any of a|b|c) · lacks TEXT · neutral yes.
    """

    cue: str
    want: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricItem:
    """One point an absolute judge marks; a failed red flag caps the whole answer."""

    id: str
    text: str
    dimension: str = "instruction"
    red_flag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a sample comes from and what may be done with it."""

    origin: str = "synthetic"  # synthetic | recorded | corpus
    source: str = ""
    licence: str = "Apache-2.0"
    consent: tuple[str, ...] = ("evaluation", "third_party_processing", "publication")
    notice: str = ""  # e.g. not clinical advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One test: what the user says, what can be heard in it, and what a good answer shows."""

    id: SampleId
    language: str
    turns: tuple[Turn, ...]
    level: Level | None = None
    domain: str | None = None
    task: str | None = None
    seed_task: str | None = None
    guideline: str = ""  # what a judge should listen for
    expects: tuple[Expectation, ...] = ()
    rubric: tuple[RubricItem, ...] = ()
    references: tuple[str, ...] = ()  # answers that would be right
    choices: tuple[str, ...] = ()
    twin_group: str | None = None  # same words, other delivery, another right answer
    provenance: Provenance = field(default_factory=Provenance)
    attributes: Mapping[str, str] = field(default_factory=dict)  # anything a board may slice by

    @property
    def hash(self) -> str:
        """Content hash of the sample, its audio included."""
        return content_hash("sample", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A frozen set of samples; its hash covers every sample and every byte of its audio."""

    name: SuiteName
    samples: tuple[Sample, ...]
    version: str = "1"
    description: str = ""
    licence: str = "Apache-2.0"
    build: Mapping[str, str] = field(default_factory=dict)  # voices, versions, seed of the build

    @property
    def hash(self) -> SuiteHash:
        """Covers the samples (audio by hash); not the description, nor how the build went."""
        return SuiteHash(content_hash("suite", self.name, self.version, [s.hash for s in self.samples]))

    @property
    def key(self) -> str:
        """Store key."""
        return self.hash

    def sample(self, id: SampleId) -> Sample:
        """The sample of that id; KeyError if there is none."""
        for sample in self.samples:
            if sample.id == id:
                return sample
        raise KeyError(id)


def spoken_key(
    *, utterance: Utterance, background: Background | None, voice: str, speaker: str, seed: int, version: str
) -> str:
    """Content hash of everything that a spoken turn depends on.

    Args:
        utterance: Words and delivery as the voice gets them.
        background: Noise mixed in afterwards.
        voice: The voice card's name.
        speaker: `Speaker.identity`: the model and its settings.
        seed: Of the voice and of the noise.
        version: Of the code between voice and store: loudness, scenes, mixing.
    """
    return content_hash("spoken", utterance, background, voice, speaker, seed, version)
