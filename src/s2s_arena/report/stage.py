"""Records -> a folder that opens offline in any browser, with tables beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from s2s_arena import __version__
from s2s_arena.boards.agree import Agreement, between
from s2s_arena.boards.analysis import Analysis, Part, analysed
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.slices import attribute, slices
from s2s_arena.boards.standings import Made, made
from s2s_arena.boards.style import measured
from s2s_arena.boards.votes import Votes, current
from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import RULE_FAILURE, AudioHash, JudgeName, SystemName, TakeId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import NO_RECORDING, Response, Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard, SystemCard
from s2s_arena.records.verdicts import Verdict
from s2s_arena.report import explorer, figures, latency, pages, tables
from s2s_arena.report.content import Content
from s2s_arena.report.methods import methods, shared_weights

MANY = 6  # judges, beyond whom a page does not compare every two
DEFAULT_SLICES = ("level", "domain", "task", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the stage wrote."""

    out: Path
    index: Path
    board: Board
    matches: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material:
    """Everything of one study that a report is made of."""

    matches: tuple[Match, ...]
    votes: Votes
    takes: Mapping[TakeId, Take]
    responses: Mapping[str, Response]
    cues: Mapping[AudioHash, Cues]


def run(
    study: Study,
    suite: Suite,
    *,
    store: Store,
    out: Path,
    systems: Mapping[str, SystemCard],
    judges: Mapping[str, JudgeCard],
    judge: JudgeName | None = None,
    by: Sequence[str] = DEFAULT_SLICES,
    method: str = "bt",
    bootstraps: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Summary:
    """Write the report of a study.

    Args:
        study: What was judged.
        suite: Its samples.
        store: Where everything is.
        out: Folder to write; what an earlier report left there is replaced file by file.
        systems: Cards by name; a system without one is listed without its facts.
        judges: Cards by name.
        judge: One judge's verdicts only; all by default.
        by: Attributes to slice by; those that no sample carries are left out.
        method: What the order goes by.
        bootstraps: Resamples of the overall board; slices use a fifth of them.
        seed: Of the bootstraps.
        progress: Told of each step.

    Raises:
        WorkspaceError: Nothing has been judged yet, or the folder cannot be written.
    """
    material = _gather(study, store)
    if not material.votes.standing:
        raise WorkspaceError(f"study {study.name}: no verdicts yet; run s2s-arena judge first")
    if judge is not None and judge not in material.votes.judges:
        known = ", ".join(material.votes.judges)
        raise InputError(f"judge {judge}: no verdicts in study {study.name}; judges with verdicts: {known}")
    if progress:
        progress.begin("report", 4)
    found = _made(study, material, method=method, judge=judge, seed=seed, bootstraps=bootstraps)
    whole = found.board
    parts = _slices(
        study, suite, material, by=by, method=method, judge=judge, seed=seed, bootstraps=max(200, bootstraps // 5)
    )
    content = _content(study, suite, found, parts, material, systems=systems, judges=judges, judge=judge, store=store)
    if progress:
        progress.advance("boards")
    by_match: dict[str, list[Verdict]] = {}
    for verdict in material.votes.standing:
        by_match.setdefault(verdict.match, []).append(verdict)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = pages.write(content, out)
        tables.write(content, material.matches, by_match, out / "data")
        if progress:
            progress.advance("pages")
        figures.write(whole, out / "figures")
        if progress:
            progress.advance("figures")
        audio = explorer.AudioFolder(store, out)
        shown = explorer.data(
            suite, material.matches, by_match, material.takes, material.responses, material.cues, audio=audio
        )
        explorer.write(shown, out / "data" / "matches.js")
    except OSError as error:
        raise WorkspaceError(
            f"report {out}: cannot be written ({error.strerror}); name another folder with -o"
        ) from error
    if progress:
        progress.advance("audio")
        progress.end()
    return Summary(out=out, index=written[0], board=whole, matches=len(material.matches), warnings=content.warnings)


def _gather(study: Study, store: Store) -> _Material:
    matches = tuple(sorted(store.all(Match, study=study.name), key=lambda m: (m.round, m.index)))
    wanted = {take for m in matches for take in (m.first, m.second)}
    takes = {t: take for t in sorted(wanted) if (take := store.get(Take, t)) is not None}
    keys = [key for take in takes.values() for key in take.responses]
    responses: dict[str, Response] = {
        key: response for key in keys if (response := store.get(Response, key)) is not None
    }
    heard = {r.speech.hash for r in responses.values() if r.speech is not None}
    cues = {c.audio: c for c in store.all(Cues) if c.audio in heard}
    return _Material(
        matches=matches, votes=current(store.events(study=study.name)), takes=takes, responses=responses, cues=cues
    )


def _made(
    study: Study, material: _Material, *, method: str, judge: JudgeName | None, seed: int, bootstraps: int
) -> Made:
    """The board with what it was made of, and what is measured of the answers."""
    games, tally = rated_games(
        material.matches,
        material.votes,
        systems=study.systems,
        judge=judge,
        takes=material.takes.values(),
        outcomes=study.rules.outcomes,
        labels={"first": lambda match: match.first, "second": lambda match: match.second},
    )
    first, second = games.label("first"), games.label("second")
    pairs = [
        (TakeId(first.names[a]), TakeId(second.names[b]))
        for a, b in zip(first.codes.tolist(), second.codes.tolist(), strict=True)
    ]
    features = measured(pairs, takes=material.takes, responses=material.responses, cues=material.cues)
    return made(
        replace(games, features=features),
        method=method,
        judge=judge,
        seed=seed,
        bootstraps=bootstraps,
        tally=tally,
    )


def _analysis(found: Made, cards: Mapping[str, SystemCard]) -> Analysis:
    """All that can be said of the board without being asked for more."""
    parts = {Part.PLAN}
    judges = found.games.label("judge").names
    if len([name for name in judges if name != RULE_FAILURE]) > 1:
        parts.add(Part.JUDGES)
    if any(np.isfinite(values).all(axis=1).any() for values in found.games.features.values()):
        parts.add(Part.STYLE)
    if sum(name in cards for name in found.games.systems) > 2:
        parts.add(Part.FACTORS)
    return analysed(found, parts=parts, cards=cards)


def _agreements(material: _Material, judge: JudgeName | None) -> tuple[Agreement, ...]:
    """Of each two judges that have matches in common."""
    if judge is not None:
        return ()
    names = [name for name in material.votes.judges if name != RULE_FAILURE][:MANY]
    pairs = (between(material.matches, material.votes, one={a}, other={b}) for a, b in combinations(names, 2))
    return tuple(found for found in pairs if found.agreement.cases)


def _slices(
    study: Study,
    suite: Suite,
    material: _Material,
    *,
    by: Sequence[str],
    method: str,
    judge: JudgeName | None,
    seed: int,
    bootstraps: int,
) -> tuple[Slices, ...]:
    played = {m.sample for m in material.matches}
    samples = [s for s in suite.samples if s.id in played]
    return tuple(
        slices(
            material.matches,
            material.votes,
            samples=samples,
            by=name,
            systems=study.systems,
            method=method,
            judge=judge,
            seed=seed,
            bootstraps=bootstraps,
            takes=material.takes.values(),
            outcomes=study.rules.outcomes,
        )
        for name in by
        if any(attribute(sample, name) is not None for sample in samples)
    )


def _content(
    study: Study,
    suite: Suite,
    found: Made,
    parts: tuple[Slices, ...],
    material: _Material,
    *,
    systems: Mapping[str, SystemCard],
    judges: Mapping[str, JudgeCard],
    judge: JudgeName | None,
    store: Store,
) -> Content:
    whole = found.board
    answered = {
        system: [
            r
            for r in store.all(Response, system=system)
            if (card := systems.get(system)) is None or r.settings == card.settings_hash
        ]
        for system in study.systems
    }
    in_suite = {s.id: s for s in suite.samples}
    of_suite = {
        system: [r for r in rs if r.sample in in_suite and NO_RECORDING not in r.flags]
        for system, rs in answered.items()
    }
    every = [r for rs in of_suite.values() for r in rs]
    who = [judge] if judge else [j for j in material.votes.judges if not j.startswith("rule:")]
    warnings = (*shared_weights(study.systems, who, systems=systems, judges=judges), *whole.warnings)
    minutes = sum(r.speech.duration_s for r in every if r.speech) / 60
    return Content(
        name=study.name if study.name != "default" else suite.name,
        study=study.name,
        version=__version__,
        suite_name=suite.name,
        suite_hash=suite.hash,
        judge=judge or (who[0] if len(who) == 1 else None),
        board=whole,
        titles={name: card.title for name, card in systems.items()},
        facts=(
            (str(len(study.systems)), "systems"),
            (str(len({m.sample for m in material.matches})), f"of {len(suite.samples)} samples"),
            (str(whole.matches), "rated comparisons"),
            (f"{minutes:.0f} min", "of answers in speech"),
            (str(sum(r.failure is not None for r in every)), "failed answers"),
            (str(sum(whole.unrated.values())), "comparisons not rated"),
        ),
        warnings=warnings,
        coverage=whole.coverage,
        slices=parts,
        contestants=tuple(
            latency.contestant(SystemName(system), systems.get(system), rs, asked=len(rs))
            for system, rs in of_suite.items()
        ),
        failures=latency.failures(every),
        flags=latency.flags(every),
        methods=methods(study, suite, whole, material.votes, store=store, systems=systems, judges=judges),
        analysis=_analysis(found, systems),
        agreement=_agreements(material, judge),
    )
