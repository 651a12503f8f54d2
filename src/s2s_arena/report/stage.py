"""Records -> a folder that opens offline in any browser, with tables beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena import __version__
from s2s_arena.boards.slices import attribute, slices
from s2s_arena.boards.standings import Made
from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, SystemName
from s2s_arena.records.responses import NO_RECORDING, Examined, Response, seen
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard, SystemCard
from s2s_arena.records.verdicts import Verdict
from s2s_arena.report import explorer, figures, latency, pages, tables
from s2s_arena.report.content import Content
from s2s_arena.report.explained import explained
from s2s_arena.report.gathered import Records, agreements_of, analysis_of, board_of, gathered
from s2s_arena.report.methods import methods
from s2s_arena.report.paper import gathering, writing
from s2s_arena.report.paper import material as paper_material
from s2s_arena.report.reliability import known

DEFAULT_SLICES = ("level", "domain", "task", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the stage wrote."""

    out: Path
    index: Path
    board: Board
    matches: int
    warnings: tuple[str, ...]


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
    paper: bool = False,
    people: Sequence[str] = (),
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
        paper: Also write `paper/`: LaTeX tables and figures as the paper prints them, methods and bibliography.
        people: For the paper: which judges are people; by default those whose verdicts were given by hand.
        progress: Told of each step.

    Raises:
        WorkspaceError: Nothing has been judged yet, or the folder cannot be written.
    """
    material = gathered(study, store)
    if not material.votes.standing:
        raise WorkspaceError(f"study {study.name}: no verdicts yet; run s2s-arena judge first")
    if judge is not None and judge not in material.votes.judges:
        known = ", ".join(material.votes.judges)
        raise InputError(f"judge {judge}: no verdicts in study {study.name}; judges with verdicts: {known}")
    if progress:
        progress.begin("report", 4)
    found = board_of(study, material, method=method, judge=judge, seed=seed, bootstraps=bootstraps)
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
        drawn = explained(material.matches, material.takes, material.responses, store=store, out=out)
        shown = explorer.data(
            suite,
            material.matches,
            by_match,
            material.takes,
            material.responses,
            material.cues,
            audio=audio,
            explained=drawn,
        )
        explorer.write(shown, out / "data" / "matches.js")
        if paper:
            given = _for_paper(study, suite, found, content, parts, material, people, systems=systems, judges=judges)
            writing.write(given, out / "paper")
    except OSError as error:
        raise WorkspaceError(
            f"report {out}: cannot be written ({error.strerror}); name another folder with -o"
        ) from error
    if progress:
        progress.advance("audio")
        progress.end()
    return Summary(out=out, index=written[0], board=whole, matches=len(material.matches), warnings=content.warnings)


def _for_paper(
    study: Study,
    suite: Suite,
    found: Made,
    content: Content,
    parts: tuple[Slices, ...],
    material: Records,
    people: Sequence[str],
    *,
    systems: Mapping[str, SystemCard],
    judges: Mapping[str, JudgeCard],
) -> paper_material.Material:
    board = found.board
    resamples = max(200, board.bootstraps // 5)
    missing = [by for by in gathering.NEEDED if by not in {made.by for made in parts}]
    more = gathering.slices_of(
        study,
        suite,
        material.matches,
        material.votes,
        takes=material.takes.values(),
        judge=JudgeName(board.judge) if board.judge else None,
        method=board.method,
        seed=board.seed,
        bootstraps=resamples,
        by=missing,
    )
    said = gathering.people_of(
        study,
        suite,
        material.matches,
        material.votes,
        takes=material.takes.values(),
        names=people,
        method=board.method,
        seed=board.seed,
        bootstraps=resamples,
    )
    counted = (board.judge, RULE_FAILURE) if board.judge else material.votes.judges
    return paper_material.Material(
        study=study,
        suite=suite,
        board=found.board,
        analysis=content.analysis,
        slices={**{made.by: made for made in parts}, **more},
        people=said,
        votes=Counter(v.judge for v in material.votes.standing if v.judge in counted),
        systems=systems,
        judges=judges,
        version=__version__,
        minutes=content.minutes,
        failures=len(content.failures),
    )


def _slices(
    study: Study,
    suite: Suite,
    material: Records,
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
    material: Records,
    *,
    systems: Mapping[str, SystemCard],
    judges: Mapping[str, JudgeCard],
    judge: JudgeName | None,
    store: Store,
) -> Content:
    whole = found.board
    looks = {system: {e.response: e for e in store.all(Examined, system=system)} for system in study.systems}
    answered = {
        system: [
            seen(r, looks[system].get(r.key))
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
    playing = {str(name): systems[name] for name in study.systems if name in systems}
    trust = known([JudgeName(name) for name in who], material.votes, judges=judges, store=store, contestants=playing)
    warnings = (*trust.warnings, *whole.warnings)
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
        ledger=tuple(line for system, rs in of_suite.items() for line in latency.ledger(SystemName(system), rs)),
        minutes=minutes,
        failures=latency.failures(every),
        flags=latency.flags(every),
        methods=methods(study, suite, whole, material.votes, store=store, systems=systems, judges=judges),
        analysis=analysis_of(found, systems),
        agreement=agreements_of(material, judge),
        reliability=trust.cards,
    )
