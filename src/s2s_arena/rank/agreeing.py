"""Judges of a workspace, or of a match list, compared with each other and with themselves."""

from itertools import combinations

from s2s_arena.boards.agree import Agreement, alpha, between, habits
from s2s_arena.boards.agree_listed import alpha_listed, between_listed, habits_listed, opinions
from s2s_arena.boards.plain import Listed
from s2s_arena.boards.votes import current
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.rank.reading.source import Source
from s2s_arena.rank.summary import AgreeSummary
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, TakeId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.studies import Study


def run(
    store: Store, *, study: Study, judges: tuple[str, ...] = (), reference: tuple[str, ...] = (), seed: int = 0
) -> AgreeSummary:
    """Agreement of a study's judges, by criterion too, and each one's biases and consistency.

    Args:
        store: Where matches, takes, responses and events are.
        study: Which one.
        judges: Compare these two at a time; all with votes by default.
        reference: Judges taken together as the side to agree with (people, say); each of the others is then
            compared with them, and they with themselves.
        seed: Of the bootstrap of Krippendorff's alpha.

    Raises:
        InputError: A judge that has no votes.
    """
    matches = list(store.all(Match, study=study.name))
    votes = current(store.events(study=study.name))
    there = tuple(name for name in votes.judges if name != RULE_FAILURE)
    for name in (*judges, *reference):
        if name not in there:
            raise InputError(f"judge {name}: no votes in study {study.name}; judges with votes: {', '.join(there)}")
    chosen = tuple(JudgeName(name) for name in judges) or there
    sides: list[tuple[set[JudgeName], set[JudgeName], tuple[str, str] | None]]
    if reference:
        people = {JudgeName(name) for name in reference}
        together = "+".join(sorted(people))
        sides = [({name}, people, (name, together)) for name in chosen if name not in people]
        if len(people) > 1:
            sides.append((people, people, (together, together)))
    else:
        sides = [({one}, {other}, None) for one, other in combinations(chosen, 2)]
    pairs = [between(matches, votes, one=one, other=other, names=names) for one, other, names in sides]
    parts = [
        (f"criterion {criterion}", made)
        for one, other, names in sides
        for criterion in study.rules.criteria
        if (made := between(matches, votes, one=one, other=other, names=names, criterion=criterion)).agreement.cases
    ]
    seconds = _seconds(store, matches)
    return AgreeSummary(
        pairs=tuple(pairs),
        parts=tuple(parts),
        habits=tuple(habits(matches, votes, judge=name, seconds=seconds) for name in chosen),
        alpha=alpha(matches, votes, judges=chosen, seed=seed) if len(chosen) > 1 else None,
        warnings=tuple(
            f"{made.one} and {made.other} have no match in common" for made in pairs if not made.agreement.cases
        ),
    )


def run_listed(
    listed: Listed,
    *,
    judges: tuple[str, ...] = (),
    reference: tuple[str, ...] = (),
    key: str = "sample",
    seed: int = 0,
    source: Source | None = None,
) -> AgreeSummary:
    """Agreement of the judges in a match list, over rows with the same `key` and the same two systems.

    With more than `MANY` judges each is compared with all others together, and all with all.

    Raises:
        InputError: The list has no judges or no `key`, or not the judges asked for.
    """
    heard = opinions(listed, key=key)
    for name in (*judges, *reference):
        if name not in heard.judges:
            raise InputError(f"judge {name}: no rows; judges with rows: {', '.join(heard.judges) or 'none'}")
    chosen = judges or heard.judges
    pairs: list[Agreement] = []
    if reference:
        together = "+".join(sorted(reference))
        for name in chosen:
            if name not in reference:
                pairs.append(between_listed(heard, one={name}, other=reference, names=(name, together)))
        if len(reference) > 1:
            pairs.append(between_listed(heard, one=reference, other=reference, names=(together, together)))
    elif len(chosen) > MANY:
        everybody = set(chosen)
        pairs.append(between_listed(heard, one=everybody, other=everybody, names=("any judge", "any other")))
        pairs += [
            between_listed(heard, one={name}, other=everybody - {name}, names=(name, "all others")) for name in chosen
        ]
    else:
        pairs += [between_listed(heard, one={one}, other={other}) for one, other in combinations(chosen, 2)]
    lonely = [f"{made.one} and {made.other}" for made in pairs if not made.agreement.cases]
    return AgreeSummary(
        pairs=tuple(pairs),
        habits=tuple(habits_listed(listed, judge=name, key=key) for name in chosen),
        alpha=alpha_listed(heard, seed=seed) if len(heard.judges) > 1 else None,
        warnings=(*(source.warnings if source else ()), *(f"{names} have no match in common" for names in lonely)),
        source=source,
    )


MANY = 12  # judges, from which a table of every two of them helps nobody


def _seconds(store: Store, matches: list[Match]) -> dict[TakeId, float]:
    heard = {id for match in matches for id in (match.first, match.second)}
    lengths = {r.key: r.speech.duration_s for r in store.all(Response) if r.speech is not None}
    return {
        take.id: sum(lengths[key] for key in take.responses)
        for take in store.all(Take)
        if take.id in heard and all(key in lengths for key in take.responses)
    }
