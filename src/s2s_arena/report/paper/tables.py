"""The paper's Tables 2-6, 8 and 10, made of one's own study; a table that has nothing to say is left out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.samples import Sample
from s2s_arena.records.taxonomy import DOMAINS, Level
from s2s_arena.report.paper.booktabs import Cell, Table
from s2s_arena.report.paper.material import Material

LEVELS = tuple(level.value for level in Level)


def tables(material: Material) -> dict[str, Table]:
    """The tables by file name, in the paper's order."""
    made = {
        "table2_levels": _levels(material),
        "table3_judges": _judges(material),
        "table4_overall": _overall(material),
        "table5_domains": _slices(material, "domain"),
        "table6_levels": _design(material),
        "table8_tasks": _tasks(material),
        "table10_people": _people(material),
    }
    return {name: table for name, table in made.items() if table is not None}


def _levels(material: Material) -> Table | None:
    samples = material.suite.samples
    if not any(sample.level for sample in samples):
        return None
    sets: dict[str, list[Sample]] = {}
    for sample in samples:
        sets.setdefault(sample.provenance.origin, []).append(sample)
    rows = [_count(name, some) for name, some in sorted(sets.items())]
    whole = () if len(rows) == 1 else ((_count("all", samples),),)
    return Table(
        label="levels",
        caption=f"Samples of the suite {material.suite.name} by level of the protocol and by origin.",
        head=("Set", "Tasks", *LEVELS, "Total"),
        align="l" + "r" * (len(LEVELS) + 2),
        groups=(tuple(rows), *whole),
    )


def _count(name: str, samples: Sequence[Sample]) -> tuple[Cell, ...]:
    by_level = Counter(sample.level.value for sample in samples if sample.level)
    tasks = len({sample.task for sample in samples if sample.task})
    return (name, tasks, *(by_level[level] for level in LEVELS), len(samples))


def _judges(material: Material) -> Table | None:
    people = material.people
    if people is None or not any(made.agreement.cases for made in people.against):
        return None
    rows = tuple(
        (
            made.one,
            _figure(made.kappa, 1.0),
            _interval(made.kappa, 1.0, 2),
            _figure(made.agreement, 100.0),
            _interval(made.agreement, 100.0, 1),
            _figure(made.baseline, 100.0),
            made.agreement.cases,
        )
        for made in people.against
        if made.agreement.cases
    )
    return Table(
        label="judges",
        caption=(
            "Agreement of judges with people: Cohen's kappa and agreement with 95 % intervals, beside what knowing "
            "the systems' names alone would reach, and comparisons."
        ),
        head=("Judge", "kappa", "95 % interval", "Agreement (%)", "95 % interval", "Names alone (%)", "Cases"),
        align="lrcrcrr",
        groups=(rows,),
        bold=(1, 3),
        decimals=2,
    )


def _figure(estimate: Estimate, scale: float) -> float | None:
    return None if estimate.value is None else scale * estimate.value


def _interval(estimate: Estimate, scale: float, decimals: int) -> str | None:
    if estimate.low is None or estimate.high is None:
        return None
    return f"[{scale * estimate.low:.{decimals}f}, {scale * estimate.high:.{decimals}f}]"


def _overall(material: Material) -> Table:
    insight = material.analysis.insight
    # As the paper's table, unless some matches were neither won nor lost: a reader must see wins and losses add up.
    tied = any(s.wins + s.losses < s.matches for s in material.board.standings)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            s.system,
            s.elo,
            s.bt,
            f"[{s.bt_low:.0f}, {s.bt_high:.0f}]",
            insight.group(s.system),
            None if s.win_rate is None else 100.0 * s.win_rate,
            s.wins,
            s.losses,
            *((s.matches - s.wins - s.losses,) if tied else ()),
            s.matches,
        )
        for s in material.board.standings
    )
    return Table(
        label="overall",
        caption=(
            f"Overall ranking from {material.board.matches} comparisons: sequential Elo (K = 32), Bradley-Terry with "
            f"95 % intervals, win rate{', in which a tie is half a win' if tied else ''}. "
            "Systems that share a letter are not separated (simultaneous tests, 95 %)."
        ),
        head=(
            *("System", "Elo", "BT", "95 % interval", "Group", "Win rate (%)", "Wins", "Losses"),
            *(("Ties",) if tied else ()),
            "Matches",
        ),
        align="lrrclrrrr" + "r" * tied,
        groups=(rows,),
        bold=(1, 2, 5),
    )


def _rating(board: Board, method: str) -> dict[str, float | None]:
    return {s.system: (s.elo if method == "elo" else s.bt) if s.matches else None for s in board.standings}


def _macro(slices: Slices, method: str) -> Mapping[str, float]:
    return slices.macro_elo if method == "elo" else slices.macro_bt


def _name(method: str) -> str:
    return "sequential Elo" if method == "elo" else "Bradley-Terry"


def _slices(material: Material, by: str, *, board: Board | None = None, slices: Slices | None = None) -> Table | None:
    made = slices or material.slices.get(by)
    if made is None or not made.boards:
        return None
    method = (board or material.board).method
    rated = {value: _rating(part, method) for value, part in made.boards.items()}
    macro = _macro(made, method)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (system, *(rated[value][system] for value in rated), macro[system])
        for system in sorted(macro, key=lambda name: -macro[name])
    )
    counts = ", ".join(f"{value} {part.matches}" for value, part in made.boards.items())
    return Table(
        label=by,
        caption=(
            f"Ratings by {by} ({_name(method)}): separate runs from 1000 for each, and their plain mean. "
            f"Comparisons: {counts}."
        ),
        head=("System", *rated, "Average"),
        align="l" + "r" * (len(rated) + 1),
        groups=(rows,),
        bold=tuple(range(1, len(rated) + 2)),
    )


def _design(material: Material) -> Table | None:
    """Ratings by level beside what systems are made of, one group a source, best group first."""
    made = material.slices.get("level")
    if made is None or not made.boards:
        return None
    method = material.board.method
    rated = {value: _rating(part, method) for value, part in made.boards.items()}
    macro = _macro(made, method)
    order = sorted(macro, key=lambda name: -macro[name])
    sources = {system: (material.systems[system].kind if system in material.systems else "") for system in order}
    ranked = sorted(order, key=lambda system: (_place(sources[system], sources, order), -macro[system]))
    groups = tuple(
        tuple(
            (
                source or None,
                system,
                *(rated[value][system] for value in rated),
                macro[system],
                *_parts(material, system),
            )
            for system in some
        )
        for source, some in groupby(ranked, key=lambda system: sources[system])
    )
    return Table(
        label="design",
        caption=(
            f"Ratings by level ({_name(method)}; separate runs from 1000, and their plain mean) and the parts of each "
            "system, as its card tells them."
        ),
        head=("Source", "System", *rated, "Average", "Backbone", "Encoder", "Decoder"),
        align="ll" + "r" * (len(rated) + 1) + "lll",
        groups=groups,
        bold=tuple(range(2, len(rated) + 3)),
    )


def _place(source: str, sources: Mapping[str, str], order: Sequence[str]) -> int:
    return next(i for i, system in enumerate(order) if sources[system] == source)


def _parts(material: Material, system: str) -> tuple[Cell, Cell, Cell]:
    card = material.systems.get(system)
    if card is None:
        return (None, None, None)
    return (card.backbone or None, card.encoder or None, card.decoder or None)


def _tasks(material: Material) -> Table | None:
    samples = [sample for sample in material.suite.samples if sample.task and sample.level]
    if not samples:
        return None
    groups = tuple(tuple(rows) for rows in _by_domain(samples))
    total: tuple[Cell, ...] = ("", "all", *_levels_of(samples), len(samples))
    return Table(
        label="tasks",
        caption=f"Samples of the suite {material.suite.name} by domain, task and level.",
        head=("Domain", "Task", *LEVELS, "Total"),
        align="ll" + "r" * (len(LEVELS) + 1),
        groups=(*groups, (total,)),
    )


def _by_domain(samples: Sequence[Sample]) -> Iterator[list[tuple[Cell, ...]]]:
    domains = sorted({s.domain or "" for s in samples}, key=lambda d: (DOMAINS.index(d) if d in DOMAINS else 99, d))
    for domain in domains:
        mine = [s for s in samples if (s.domain or "") == domain]
        rows: list[tuple[Cell, ...]] = []
        for task in dict.fromkeys(s.task for s in mine):
            some = [s for s in mine if s.task == task]
            shown = (domain or None) if not rows else ""
            rows.append((shown, str(task).replace("_", " "), *_levels_of(some), len(some)))
        yield rows


def _levels_of(samples: Sequence[Sample]) -> tuple[int, ...]:
    counted = Counter(sample.level.value for sample in samples if sample.level)
    return tuple(counted[level] for level in LEVELS)


def _people(material: Material) -> Table | None:
    people = material.people
    if people is None:
        return None
    parts = people.by_domain.boards if people.by_domain else {}
    method = people.board.method
    rated = {value: _rating(part, method) for value, part in parts.items()}
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (s.system, s.elo if method == "elo" else s.bt, *(rated[value][s.system] for value in rated), s.matches)
        for s in people.board.standings
    )
    return Table(
        label="people",
        caption=(
            f"Ranking by people alone ({len(people.names)} judges, {people.board.matches} comparisons; "
            f"{_name(method)}), overall and by domain."
        ),
        head=("System", "Overall", *rated, "Matches"),
        align="l" + "r" * (len(rated) + 2),
        groups=(rows,),
        bold=tuple(range(1, len(rated) + 2)),
    )
