"""Which records a store keeps, in which table, and by which of their fields they can be filtered.

`Store.all` and `Store.keys` accept these fields as keyword arguments; any other is refused.

    record            fields that filter
    Suite             name, version
    Spoken            voice
    Study             name, revision
    Round             study, number
    Match             study, round, sample, group, purpose
    Take              sample, system, failure          (failure "" where there is none)
    Response          sample, system, settings, failure
    Examined          response, system, examiner, failure
    Cues              audio, extractor
    Score             subject, scale, judge
    Review            sample, sample_hash, reviewer
    Assignment        study, match, judge
    Consent           audio, speaker
    Run               stage
    JudgeReliability  judge, judge_version
    Explanation       match, judge, judge_version
    PublishedBoard    study, version
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from s2s_arena.errors import StoreError
from s2s_arena.protocols import Record
from s2s_arena.records.boards import JudgeReliability, PublishedBoard
from s2s_arena.records.cues import Cues
from s2s_arena.records.explanations import Explanation
from s2s_arena.records.matches import Match, Round
from s2s_arena.records.responses import Examined, Failure, Response, Take
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Spoken, Suite
from s2s_arena.records.scores import Assignment, Consent, Review, Score
from s2s_arena.records.studies import Study


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its table and the fields that have an index.

    Attributes:
        record: The record's class.
        table: Name of its table.
        texts: Fields kept as text.
        numbers: Fields kept as integers.
    """

    record: type[Record]
    table: str
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that filter."""
        return self.texts + self.numbers

    def checked(self, where: Mapping[str, str | int]) -> dict[str, str | int]:
        """The filter in plain values.

        Raises:
            StoreError: A field without an index, or a value of the wrong type.
        """
        plain: dict[str, str | int] = {}
        for field, value in where.items():
            if field not in self.fields:
                allowed = ", ".join(self.fields)
                raise StoreError(f"{self.record.__name__}: cannot filter by {field!r}; filter by one of: {allowed}")
            plain[field] = value.value if isinstance(value, Enum) else value
            if isinstance(plain[field], int) is not (field in self.numbers):
                wanted = "an integer" if field in self.numbers else "text"
                raise StoreError(f"{self.record.__name__}: filter {field}={value!r}; {wanted} is needed")
        return plain

    def indexed(self, record: Record) -> dict[str, str | int]:
        """The record's values of the fields that filter."""
        return {field: _plain(getattr(record, field)) for field in self.fields}


def _plain(value: object) -> str | int:
    if value is None:
        return ""
    if isinstance(value, Failure):
        return value.kind.value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (str, int)):
        return value
    raise TypeError(f"{type(value).__name__} cannot be indexed")


KINDS: tuple[Kind, ...] = (
    Kind(Suite, "suites", texts=("name", "version")),
    Kind(Spoken, "spoken", texts=("voice",)),
    Kind(Study, "studies", texts=("name",), numbers=("revision",)),
    Kind(Round, "rounds", texts=("study",), numbers=("number",)),
    Kind(Match, "matches", texts=("study", "sample", "group", "purpose"), numbers=("round",)),
    Kind(Take, "takes", texts=("sample", "system", "failure")),
    Kind(Response, "responses", texts=("sample", "system", "settings", "failure")),
    Kind(Examined, "examined", texts=("response", "system", "examiner", "failure")),
    Kind(Cues, "cues", texts=("audio", "extractor")),
    Kind(Score, "scores", texts=("subject", "scale", "judge")),
    Kind(Review, "reviews", texts=("sample", "sample_hash", "reviewer")),
    Kind(Assignment, "assignments", texts=("study", "match", "judge")),
    Kind(Consent, "consents", texts=("audio", "speaker")),
    Kind(Run, "runs", texts=("stage",)),
    Kind(JudgeReliability, "judge_reliability", texts=("judge", "judge_version")),
    Kind(Explanation, "explanations", texts=("match", "judge", "judge_version")),
    Kind(PublishedBoard, "published_boards", texts=("study",), numbers=("version",)),
)

_by_class = {kind.record: kind for kind in KINDS}


def kind_of(record: type[Record]) -> Kind:
    """The kind of a record class.

    Raises:
        StoreError: No store keeps such records.
    """
    try:
        return _by_class[record]
    except KeyError:
        raise StoreError(f"{record.__name__}: no store keeps this kind of record; add it to store/kinds.py") from None
