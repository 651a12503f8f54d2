"""What imported votes are on: a suite of what the file says of each sample, and takes, with speech or without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.errors import ArenaError, InputError
from s2s_arena.protocols import Store
from s2s_arena.rank.reading.columns import CARRIED
from s2s_arena.rank.reading.votes import VoteFile
from s2s_arena.records.identity import JudgeName, SampleId, SuiteName, SystemName
from s2s_arena.records.responses import NO_RECORDING, Response, Take, response_key, take_of
from s2s_arena.records.samples import Provenance, Sample, Suite, Turn
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.studies import Outcome
from s2s_arena.records.taxonomy import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedVote:
    """One row, in plain values."""

    row: int
    sample: SampleId
    judge: JudgeName
    systems: tuple[SystemName, SystemName]
    outcome: Outcome
    audio: tuple[str, str]
    record: Mapping[str, str | None]


ABOUT_SAMPLES = tuple(name for name in CARRIED if name not in ("group", "purpose", "probability", "reason"))


class Sounds:
    """Reads recordings that the file names, each once; what cannot be read is a problem, not an end."""

    def __init__(self, store: Store, folder: Path | None, problems: list[str]) -> None:
        self._store = store
        self._folder = folder
        self._problems = problems
        self._read: dict[str, AudioRef | None] = {}

    def of(self, path: str) -> AudioRef | None:
        """The recording at a path as the file gives it, or None."""
        if self._folder is None or not path:
            return None
        if path not in self._read:
            place = self._folder / path.lstrip("/")  # some paths of the pilot start with a slash
            try:
                wave, original = files.read_with_original(place)
                self._read[path] = self._store.put_audio(wave, original=original)
            except ArenaError as error:
                self._problems.append(str(error))
                self._read[path] = None
        return self._read[path]


def votes_suite(votes: VoteFile, kept: Sequence[ImportedVote], sounds: Sounds) -> Suite:
    """A suite of what the file says of each sample; language `und` where it says none."""
    first: dict[SampleId, dict[str, str]] = {}
    for vote in kept:
        known = first.setdefault(vote.sample, {})
        for name in (*ABOUT_SAMPLES, "script", "emotion", "audio_input"):
            value = vote.record.get(name)
            if value and name not in known:
                known[name] = value
    source = votes.source
    provenance = Provenance(
        origin="votes", source=f"{source.format}: {source.file}", licence=source.licence or "not stated", consent=()
    )
    samples = tuple(
        Sample(
            id=id,
            language=known.get("language", "und"),
            turns=(
                Turn(
                    script=known.get("script", ""),
                    language=known.get("language", "und"),
                    speech=sounds.of(known.get("audio_input", "")),
                ),
            ),
            level=Level(known["level"]) if known.get("level") in tuple(Level) else None,
            domain=known.get("domain"),
            task=known.get("task"),
            attributes={
                name: value
                for name, value in known.items()
                if name not in ("language", "script", "domain", "task", "audio_input")
                and (name != "level" or value not in tuple(Level))
            },
            provenance=provenance,
        )
        for id, known in first.items()
    )
    stem = "".join(c if c.isalnum() else "-" for c in Path(source.file).stem.lower()).strip("-") or "votes"
    return Suite(
        name=SuiteName(f"votes-{stem}"),
        samples=samples,
        description=f"What {source.file} says of the samples that were judged",
        licence=source.licence or "not stated",
        build={"votes": source.file, "format": source.format},
    )


def votes_takes(
    kept: Sequence[ImportedVote], suite: Suite, *, store: Store, sounds: Sounds, file: str
) -> tuple[dict[tuple[SampleId, SystemName], Take], list[Response]]:
    """The take of each system on each sample: the workspace's latest one, or one that only votes know."""
    samples = {sample.id: sample for sample in suite.samples}
    there: dict[tuple[SampleId, SystemName], Take] = {}
    for system in {name for vote in kept for name in vote.systems}:
        for take in store.all(Take, system=system):
            there[take.sample, system] = take
    takes: dict[tuple[SampleId, SystemName], Take] = {}
    responses: list[Response] = []
    for vote in kept:
        if vote.sample not in samples:
            raise InputError(f"{file} row {vote.row}: sample {vote.sample} is not in suite {suite.name}")
        for system, path in zip(vote.systems, vote.audio, strict=True):
            place = (vote.sample, system)
            if place in takes:
                continue
            if place in there:
                takes[place] = there[place]
                continue
            asked = [turn.speech.hash for turn in samples[vote.sample].turns if turn.speech]
            speech = sounds.of(path)
            response = Response(
                key=response_key(sample=vote.sample, turn=0, audio=asked, system=system, settings="votes", seed=0),
                sample=vote.sample,
                turn=0,
                system=system,
                settings="votes",
                speech=speech,
                flags=() if speech else (NO_RECORDING,),
                versions={"adapter": "votes/1"},
            )
            responses.append(response)
            takes[place] = take_of([response])
    return takes, responses
