"""What is known of a judge, as named figures: which there are, what falls short, and what a board must warn of.

    blatant  subtle                 mean accuracy over those probes, single orders
    probe:NAME                      share of askings in which the better answer won
    criterion:NAME                  the same by the criterion that the fault costs, where the judge had an opinion
    language:TAG  group:NAME  level:NAME  cell:TAG/NAME      accuracy over all probes, by what was asked
    position  length                wins of the first less of the second; of the longer less of the shorter; 0 is none
    swap  retest                    share of pairs on which it says the same in the other order; when asked again
    odds:slope  odds:error  odds:saved      margins as log-odds of being right: its unit, how far off, what is saved
    people  people:kappa  people:names  people:beyond  people:close  people:close-names   against people
    people:each-other  people:shortfall                      people against people, and how far the judge stays behind
    people:PART                     agreement with people on a criterion, level ...
    control:NAME:PROBE              accuracy of a judge that must fail there

`counts` has the number of cases under the same names, and under abstained:NAME, unmade:NAME, asked and failures.
"""

from collections.abc import Iterable, Mapping, Sequence

from s2s_arena.boards.agree import Agreement, BesidePeople
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.systems import Card

BLATANT_FROM = 0.97
SUBTLE_FROM = 0.85
LEAST_FROM = 0.65
SWAP_FROM = 0.90
BIAS_TO = 0.15
UNUSABLE_TO = 0.05
FEWEST = 30  # pairs, below which a share says little: of 30, 29 right may be anything from .83 to .99
TRIED = ("blatant", "subtle", "swap")
"""What must be known of a judge before its board is believed."""
NOT_TOLD = frozenset({"", "not disclosed", "unknown", "the endpoint's"})
PANEL = "panel"
UNJUDGED = frozenset({"probe:emotion", "probe:real"})
"""Reported, without a mark to reach: emotions acted by a local voice may not be what they are meant to be."""


def latest(records: Iterable[JudgeReliability], *, judge: JudgeName, version: str | None = None) -> JudgeReliability:
    """The last record of a judge, of this version of it if there is one.

    Raises:
        KeyError: There is none of that judge.
    """
    mine = [record for record in records if record.judge == judge]
    same = [record for record in mine if version is not None and record.judge_version == version]
    if not mine:
        raise KeyError(judge)
    return (same or mine)[-1]


def shortcomings(record: JudgeReliability) -> tuple[str, ...]:
    """In what a judge stays below what a board can be built on, in words; none for a good judge."""
    found: list[str] = []
    marks = (("blatant", BLATANT_FROM), ("subtle", SUBTLE_FROM), ("swap", SWAP_FROM), ("retest", SWAP_FROM))
    for name, least in marks:
        if name in record.figures and record.figures[name][0] < least:
            found.append(f"{TITLES[name]} {_shown(record, name)}, below {least:.0%}")
    for name in sorted(record.figures):
        parted = name.partition(":")[0] in ("probe", "language", "group", "level")
        if parted and name not in UNJUDGED and record.figures[name][0] < LEAST_FROM:
            found.append(f"{title(name)} {_shown(record, name)}, below {LEAST_FROM:.0%}")
        if name.startswith("control:") and record.figures[name][1] > 0.5:
            found.append(f"{title(name)} succeeds where it must fail: {_shown(record, name)}")
    for name in ("position", "length"):
        if name in record.figures and _surely_beyond(record.figures[name], BIAS_TO):
            found.append(f"{TITLES[name]} {_shown(record, name)}, beyond {BIAS_TO:.0%}")
    beyond = record.figures.get("people:beyond")
    if beyond is not None and beyond[2] < 0.0:
        found.append(f"agrees with people less than system names alone do: {_shown(record, 'people:beyond')}")
    asked, failed = record.counts.get("asked", 0), record.counts.get("failures", 0)
    if asked and failed > UNUSABLE_TO * asked:
        found.append(f"{failed} replies to {asked} askings could not be used")
    return tuple(found)


def untried(record: JudgeReliability) -> tuple[str, ...]:
    """What is not known of a judge although it was tried, in words; none where all that a board needs is."""
    found = [TITLES[name] for name in TRIED if name not in record.figures]
    few = [
        f"{TITLES[name]} on {record.counts[name]} pairs only"
        for name in TRIED
        if name in record.figures and 0 < record.counts.get(name, FEWEST) < FEWEST
    ]
    return (*(f"never tried for {name}" for name in found), *(f"tried for {name}" for name in few))


def judge_warnings(
    judge: JudgeName,
    *,
    records: Iterable[JudgeReliability],
    version: str | None = None,
    card: Card | None = None,
    contestants: Mapping[str, Card] | None = None,
    judges: Mapping[str, Card] | None = None,
) -> tuple[str, ...]:
    """What a board by this judge must say: that nothing is known of it, that it is bad, that it judges its own kin.

    For a person, who has no card, only records are looked at; ask about those who have one.

    Args:
        judge: Whose verdicts the board is made of.
        records: All reliability records.
        version: Of the judge, as on its verdicts.
        card: The judge's card.
        contestants: Cards of the systems on the board, by name.
        judges: Cards of judges by name: a panel is kin to whatever its members are.
    """
    made: list[str] = []
    try:
        record = latest(records, judge=judge, version=version)
    except KeyError:
        made.append(
            f"judge {judge}: nothing is known of how far it can be trusted; run s2s-arena judges validate {judge}"
        )
    else:
        if version is not None and record.judge_version != version:
            made.append(
                f"judge {judge}: validated as version {record.judge_version}, these verdicts are by {version}; "
                f"run s2s-arena judges validate {judge}"
            )
        made += [f"judge {judge}: {short}" for short in shortcomings(record)]
        made += [f"judge {judge}: {missing}" for missing in untried(record)]
    return (*made, *(shared_weights(card, contestants, judges=judges) if card and contestants else ()))


def model_warnings(
    judge: JudgeName,
    *,
    records: Iterable[JudgeReliability],
    version: str | None = None,
    judges: Mapping[str, Card] | None = None,
) -> tuple[str, ...]:
    """`judge_warnings` of a model that is known by name alone, its kin left out: without a card nobody knows its kin.

    Args:
        judge: A model's name, not a person's.
        records: All reliability records.
        version: Of the judge, as on its verdicts.
        judges: Cards of judges by name.
    """
    known = judge_warnings(judge, records=records, version=version)
    if judge in (judges or {}):
        return known
    return (*known, f"judge {judge}: no card in this workspace, so whether it is kin to a contestant is not known")


def shared_weights(
    card: Card, contestants: Mapping[str, Card], *, judges: Mapping[str, Card] | None = None
) -> tuple[str, ...]:
    """One warning for each set of contestants that a judge shares weights with.

    Weights are shared by name, and where a vendor publishes none, by the vendor's model or the backbone both are made
    of. A panel has its members' weights, as far as their cards are given.
    """
    own = _made_of(card, judges or {}, seen=frozenset())
    kin: dict[str, list[str]] = {}
    for name, other in sorted(contestants.items()):
        common = ", ".join(sorted(own & _made_of(other, {}, seen=frozenset())))
        if common:
            kin.setdefault(common, []).append(name)
    return tuple(
        f"judge {card.name} shares weights with {', '.join(names)} ({common}): it may favour them"
        for common, names in kin.items()
    )


def _made_of(card: Card, judges: Mapping[str, Card], *, seen: frozenset[str]) -> frozenset[str]:
    """Names of weights, of the vendor's model where none are named, and of the backbone if it is told."""
    names = set(card.weights)
    if not names:
        model = card.settings.get("model")
        names |= {model} if isinstance(model, str) and model else set()
        # A base model is named at the front of what a card says of it: "Qwen2.5 7B", "Qwen2.5-7B, 4 bit".
        backbone = card.backbone.split(",")[0].strip()
        names |= set() if backbone.lower() in NOT_TOLD else {backbone}
    members = card.settings.get("members")
    if card.model == PANEL and isinstance(members, list):
        for name in members:
            if isinstance(name, str) and name in judges and name not in seen:
                names |= _made_of(judges[name], judges, seen=seen | {name})
    return frozenset(names)


def people_figures(
    pairs: Sequence[Agreement], parts: Sequence[tuple[str, Agreement]], beside: Sequence[BesidePeople], *, judge: str
) -> dict[str, Estimate]:
    """The figures of one judge against people.

    Args:
        pairs: Agreement of the judge (as `one`) with people taken together, and of people with each other.
        parts: The same by criterion, level or another attribute.
        beside: The judge beside people on the matches that several people judged.
        judge: Its name.
    """
    found: dict[str, Estimate] = {}
    for made in pairs:
        if made.one == judge:
            found |= {
                "people": made.agreement,
                "people:kappa": made.kappa,
                "people:names": made.baseline,
                "people:beyond": made.beyond,
                "people:close": made.close,
                "people:close-names": made.close_baseline,
            }
        elif made.one == made.other:
            found["people:each-other"] = made.agreement
    found |= {f"people:{name.replace(' ', '=')}": made.agreement for name, made in parts if made.one == judge}
    for panel in beside:
        if panel.judge == judge:
            found |= {"people:each-other": panel.people, "people:shortfall": panel.shortfall}
    return {name: estimate for name, estimate in found.items() if estimate.value is not None}


def record_of(
    judge: JudgeName,
    version: str,
    figures: Mapping[str, Estimate],
    *,
    counts: Mapping[str, int],
    notes: Sequence[str] = (),
) -> JudgeReliability:
    """The record; figures that are not defined are left out."""
    defined = {
        name: (estimate.value, estimate.low, estimate.high)
        for name, estimate in figures.items()
        if estimate.value is not None and estimate.low is not None and estimate.high is not None
    }
    cases = {name: figures[name].cases for name in defined}
    return JudgeReliability(
        judge=judge, judge_version=version, figures=defined, counts={**cases, **counts}, notes=tuple(notes)
    )


TITLES: Mapping[str, str] = {
    "blatant": "blatant faults",
    "subtle": "subtle faults",
    "position": "position bias",
    "length": "length bias",
    "swap": "same verdict in the other order",
    "retest": "same verdict when asked again",
    "odds:slope": "log-odds of being right for a unit of margin",
    "odds:error": "calibration error of these chances",
    "odds:saved": "share of a coin's log loss that they save",
    "people": "agreement with people",
    "people:kappa": "kappa with people",
    "people:names": "system names alone with people",
    "people:beyond": "agreement beyond names",
    "people:close": "agreement on close pairs",
    "people:close-names": "names alone on close pairs",
    "people:each-other": "people with each other",
    "people:shortfall": "people's agreement less the judge's",
}
"""What figures are called; others by `title`."""


def title(name: str) -> str:
    """A figure's name in words."""
    if name in TITLES:
        return TITLES[name]
    kind, _, rest = name.partition(":")
    if kind == "control":
        who, _, probe = rest.partition(":")
        return f"control {who} on {probe}"
    if kind == "people":
        return f"agreement with people, {rest.replace('=', ' ')}"
    return f"{kind} {rest}"


def _shown(record: JudgeReliability, name: str) -> str:
    value, low, high = record.figures[name]
    return f"{value:.0%} [{low:.0%}, {high:.0%}]"


def _surely_beyond(figure: tuple[float, float, float], limit: float) -> bool:
    return figure[1] > limit or figure[2] < -limit
