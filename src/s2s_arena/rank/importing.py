"""Votes of a file -> a study of events in a store, so that boards, agreement and reports work on them.

A vote needs no recording. Where the workspace has the suite and the answers that were judged, matches refer to those
takes; otherwise the votes make their own suite (ids, and what the file says of each sample) and takes without speech,
flagged `no_recording`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from s2s_arena.arena.ballot import accept
from s2s_arena.boards.plain import OUTCOMES
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.rank.imported import ImportedVote, Sounds, votes_suite, votes_takes
from s2s_arena.rank.reading.votes import VoteFile
from s2s_arena.records.identity import JudgeName, SampleId, StudyName, SystemName, content_hash
from s2s_arena.records.matches import Match, Purpose, Round, group_id, match_id
from s2s_arena.records.responses import Take
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import STRICT, Criterion, Outcome, Rules, Sampler, Sampling, Study
from s2s_arena.records.verdicts import CriterionOutcome, Event, Verdict

CRITERIA: Mapping[str, Criterion] = {
    "criterion:content": Criterion.INSTRUCTION,
    "criterion:paralinguistics": Criterion.EXPRESSIVENESS,
    "criterion:voice_quality": Criterion.QUALITY,
}
UNNAMED = "unnamed"
"""The judge of votes in a file that does not say who gave them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    study: str
    suite: str
    votes: int  # events that are in the study now, from this file
    new: int  # of these, how many were not there before
    matches: int
    systems: int
    judges: int
    samples: int
    recordings: int  # answers that can be heard
    left_out: Mapping[str, int] = field(default_factory=dict)  # reason -> votes
    problems: tuple[str, ...] = ()


def import_votes(
    votes: VoteFile,
    *,
    store: Store,
    study: str,
    suite: Suite | None = None,
    judge: str | None = None,
    keep_ties: bool = True,
    audio: Path | None = None,
    run: Run | None = None,
    digest: str,
) -> Imported:
    """Keep the votes of a file as events of a study. The same file again changes nothing.

    Votes of different judges on the same two systems and sample are of one match; a judge's second vote on it is a
    match of its own, so that every vote of the file is rated as `rank --matches` rates it.

    Args:
        votes: The file, as read.
        store: Where the study is kept.
        study: Its name; it is made if it is not there.
        suite: Whose samples and takes the votes are on; by default the votes make their own.
        judge: Who voted, in files that do not say; `unnamed` by default.
        keep_ties: Whether ties are votes of this study; if not they are left out and counted.
        audio: Folder of the recordings that the file names, to be heard in reports.
        run: Kept with the import.
        digest: SHA-256 of the file, by which a second import of it is known.

    Raises:
        InputError: A sample that the suite does not have, or a study that is of another suite.
    """
    left_out: Counter[str] = Counter()
    if votes.source.rejected:
        left_out["rejected"] = len(votes.source.rejected)
    old = max(store.all(Study, name=StudyName(study)), key=lambda s: s.revision, default=None)
    rows = list(_rows(votes, judge))
    legal = (
        old.rules.outcomes if old else tuple(STRICT) + tuple(o for o in votes.outcomes if o not in STRICT and keep_ties)
    )
    kept = []
    for row in rows:
        if row.outcome in legal:
            kept.append(row)
        else:
            left_out[f"{row.outcome.value.replace('_', ' ')}, which the study does not allow"] += 1
    if not kept:
        raise InputError(f"{votes.source.file}: no vote that study {study} allows")
    problems: list[str] = []
    nameless = sum(row.judge == UNNAMED for row in kept) if judge is None else 0
    if nameless:
        problems.append(f"{nameless} votes do not say who gave them: judge '{UNNAMED}'; name it with --judge NAME")
    sounds = Sounds(store, audio, problems)
    chosen = suite or votes_suite(votes, kept, sounds)
    if old is not None and old.suite_hash != chosen.hash:
        raise InputError(
            f"study {study}: it is of suite {old.suite} ({old.suite_hash[:12]}); name another with --study"
        )
    takes, responses = votes_takes(kept, chosen, store=store, sounds=sounds, file=votes.source.file)
    made = _study(old, chosen, kept, name=study, outcomes=legal)
    number = _round_number(store, study, digest)
    matches, events = _played(kept, takes, made, number=number)
    store.put(*([run] if run else []), chosen, *responses, *takes.values(), made)
    store.put(
        Round(
            study=made.name,
            number=number,
            size=len(matches),
            ratings_from_event=0,
            sampler=f"imported:{digest}",
            seed=0,
        ),
        *matches,
    )
    before = sum(1 for _ in store.events(study=made.name))
    store.append(*events)
    after = sum(1 for _ in store.events(study=made.name))
    return Imported(
        study=study,
        suite=chosen.name,
        votes=len(events),
        new=after - before,
        matches=len(matches),
        systems=len({name for row in kept for name in row.systems}),
        judges=len({row.judge for row in kept}),
        samples=len({row.sample for row in kept}),
        recordings=sum(r.speech is not None for r in responses),
        left_out=dict(left_out),
        problems=tuple(problems),
    )


def digest_of(path: Path) -> str:
    """SHA-256 of a file, 32 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def _rows(votes: VoteFile, judge: str | None) -> Iterator[ImportedVote]:
    for record in votes.frame.iter_rows(named=True):
        yield ImportedVote(
            row=int(record["row"]),
            sample=SampleId(record.get("sample") or f"row-{record['row']}"),
            judge=JudgeName(str(record.get("judge") or judge or UNNAMED)),
            systems=(SystemName(record["system_a"]), SystemName(record["system_b"])),
            outcome=OUTCOMES[int(record["outcome"])],
            audio=(record.get("audio_a") or "", record.get("audio_b") or ""),
            record=record,
        )


def _study(
    old: Study | None, suite: Suite, kept: Sequence[ImportedVote], *, name: str, outcomes: tuple[Outcome, ...]
) -> Study:
    systems = sorted({system for vote in kept for system in vote.systems})
    judges = sorted({vote.judge for vote in kept})
    if old is None:
        return Study(
            name=StudyName(name),
            suite=suite.name,
            suite_hash=suite.hash,
            systems=tuple(systems),
            judges=tuple(judges),
            rules=Rules(outcomes=outcomes),
            sampling=Sampling(sampler=Sampler.UNIFORM),
        )
    wider = replace(
        old,
        systems=tuple(dict.fromkeys((*old.systems, *systems))),
        judges=tuple(dict.fromkeys((*old.judges, *judges))),
    )
    return old if wider == old else replace(wider, revision=old.revision + 1)


def _round_number(store: Store, study: str, digest: str) -> int:
    rounds = list(store.all(Round, study=StudyName(study)))
    same = [r.number for r in rounds if r.sampler == f"imported:{digest}"]
    return same[0] if same else max((r.number for r in rounds), default=-1) + 1


def _played(
    kept: Sequence[ImportedVote],
    takes: Mapping[tuple[SampleId, SystemName], Take],
    study: Study,
    *,
    number: int,
) -> tuple[list[Match], list[Event]]:
    """Matches in order of their first vote, and the votes on them."""
    matches: dict[tuple[object, ...], Match] = {}
    groups: dict[str, str] = {}
    votes: Counter[tuple[object, ...]] = Counter()
    events: list[Event] = []
    for vote in kept:
        place = (vote.sample, *vote.systems, vote.record.get("group"), vote.record.get("purpose"))
        again = votes[(*place, vote.judge)]
        votes[(*place, vote.judge)] += 1
        match = matches.get((*place, again))
        if match is None:
            index = len(matches)
            named = vote.record.get("group")
            group = group_id(study=study.name, round=number, index=index)
            match = _match(vote, takes, study, number, index, groups.setdefault(named, group) if named else group)
            matches[(*place, again)] = match
        verdict = Verdict(
            match=match.id,
            study=study.name,
            judge=vote.judge,
            order=(match.round, match.index),
            outcome=vote.outcome,
            criteria=_criteria(vote.record),
            reason=vote.record.get("reason") or "",
            parsed="imported",
        )
        id = content_hash("imported", match.id, vote.judge)
        events.append(accept(verdict, study=study, match=match, id=id))
    return list(matches.values()), events


def _match(
    vote: ImportedVote,
    takes: Mapping[tuple[SampleId, SystemName], Take],
    study: Study,
    number: int,
    index: int,
    group: str,
) -> Match:
    first, second = (takes[vote.sample, system].id for system in vote.systems)
    purpose = next((p for p in Purpose if p == vote.record.get("purpose")), Purpose.RATED)
    try:
        probability = float(vote.record.get("probability") or 1.0)
    except ValueError:
        probability = 1.0
    return Match(
        id=match_id(study=study.name, round=number, index=index, first=first, second=second, purpose=purpose),
        study=study.name,
        round=number,
        index=index,
        sample=vote.sample,
        first=first,
        second=second,
        first_system=vote.systems[0],
        second_system=vote.systems[1],
        group=group,
        probability=probability if 0.0 < probability <= 1.0 else 1.0,
        purpose=purpose,
    )


def _criteria(record: Mapping[str, str | None]) -> dict[Criterion, CriterionOutcome]:
    words = {"a": Outcome.FIRST, "b": Outcome.SECOND, "both_good": Outcome.BOTH_GOOD, "both_bad": Outcome.BOTH_BAD}
    return {
        criterion: CriterionOutcome(outcome=words.get(record.get(name) or ""))
        for name, criterion in CRITERIA.items()
        if record.get(name) is not None
    }
