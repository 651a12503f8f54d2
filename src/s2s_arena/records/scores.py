"""Marks that are not pairwise: absolute scores, reviews of samples, assignments and consent of people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.records.identity import AudioHash, JudgeName, MatchId, SampleId, StudyName, content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One judge's or instrument's absolute mark on one subject (a take, a response, a sample)."""

    subject: str  # content hash of what is scored and of what it is scored against
    scale: str  # e.g. rubric:safety, log-odds:answers, wer
    judge: str  # judge or instrument, with version
    value: float
    reason: str = ""
    raw: str = ""
    prompt_hash: str = ""

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("score", self.subject, self.scale, self.judge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One reviewer's decision on one sample of a suite."""

    sample: SampleId
    sample_hash: str
    reviewer: JudgeName
    keep: bool
    reason: str = ""  # artefact | unclear_expression | mismatch | free text
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("review", self.sample_hash, self.reviewer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A match given to a person, until the lease ends."""

    id: str
    study: StudyName
    match: MatchId
    judge: JudgeName
    lease_until: str  # ISO 8601 UTC
    practice: bool = False

    @property
    def key(self) -> str:
        """Store key."""
        return self.id


PURPOSES = ("evaluation", "third_party_processing", "publication")
"""What a speaker can allow: to be heard by systems and judges, to be sent to other companies' systems for that, and
to be passed on in a published suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a speaker allowed to be done with a recording; a withdrawal is a later record."""

    audio: AudioHash
    speaker: str
    purposes: tuple[str, ...]  # of `PURPOSES`
    text_version: str
    at: str
    withdrawn: bool = False

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("consent", self.audio, self.speaker, self.at, self.withdrawn)
