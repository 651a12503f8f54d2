"""Judges of a workspace, or of a match list, compared with each other and with themselves."""

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from s2s_arena.boards.agree import (
    Agreement,
    BesidePeople,
    alpha,
    beside_people,
    between,
    compare,
    compare_by,
    habits,
    labels_of,
    paired,
)
from s2s_arena.boards.agree_listed import alpha_listed, attribute_of, habits_listed, opinions, paired_listed
from s2s_arena.boards.games import Labels
from s2s_arena.boards.plain import Listed
from s2s_arena.boards.slices import attribute
from s2s_arena.boards.votes import Votes, current
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.rank.agree_summary import AgreeSummary
from s2s_arena.rank.reading.source import Source
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, TakeId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Study


def run(
    store: Store,
    *,
    study: Study,
    judges: tuple[str, ...] = (),
    reference: tuple[str, ...] = (),
    samples: Iterable[Sample] = (),
    by: tuple[str, ...] = (),
    seed: int = 0,
) -> AgreeSummary:
    """Agreement of a study's judges, by criterion and attribute too, and each one's biases and consistency.

    Args:
        store: Where matches, takes, responses and events are.
        study: Which one.
        judges: Compare these two at a time; all with votes by default.
        reference: Judges taken together as the side to agree with (people, say); each of the others is then
            compared with them, and they with themselves.
        samples: Whose attributes `by` goes by.
        by: Attributes to compare judges by: level, domain ...
        seed: Of bootstraps, and of the folds from which names are judged.

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
    known = list(samples)
    of_sample = {name: {sample.id: attribute(sample, name) for sample in known} for name in by}
    attributes = {name: {m.id: values.get(m.sample) for m in matches} for name, values in of_sample.items()}
    sides: list[tuple[set[JudgeName], set[JudgeName], tuple[str, str] | None]]
    if reference:
        people = {JudgeName(name) for name in reference}
        together = "+".join(sorted(people))
        sides = [({name}, people, (name, together)) for name in chosen if name not in people]
        if len(people) > 1:
            sides.append((people, people, (together, together)))
    else:
        sides = [({one}, {other}, None) for one, other in combinations(chosen, 2)]
    seconds = _seconds(store, matches)
    pairs: list[Agreement] = []
    parts: list[tuple[str, Agreement]] = []
    for one, other, names in sides:
        cases, of = paired(matches, votes, one=one, other=other, names=names)
        pairs.append(compare(cases, seed=seed))
        for name, values in attributes.items():
            labels = Labels.of([values.get(id) for id in of])
            found = compare_by(cases, labels.codes, seed=seed)
            parts += [(f"{name} {labels.names[code]}", made) for code, made in found.items()]
        for criterion in study.rules.criteria:
            made = between(matches, votes, one=one, other=other, names=names, criterion=criterion)
            if made.agreement.cases:
                parts.append((f"criterion {criterion}", made))
    return AgreeSummary(
        pairs=tuple(pairs),
        parts=tuple(parts),
        people=_beside_people(matches, votes, chosen, reference, seed=seed),
        habits=tuple(habits(matches, votes, judge=name, seconds=seconds) for name in chosen),
        alpha=alpha(matches, votes, judges=chosen, seed=seed) if len(chosen) > 1 else None,
        warnings=tuple(
            f"{made.one} and {made.other} have no match in common" for made in pairs if not made.agreement.cases
        ),
    )


def _beside_people(
    matches: Sequence[Match], votes: Votes, chosen: Sequence[JudgeName], reference: Sequence[str], *, seed: int
) -> tuple[BesidePeople, ...]:
    if len(reference) < 2:
        return ()
    models = [name for name in chosen if name not in reference]
    labels, _ = labels_of(matches, votes, judges=[*models, *(JudgeName(name) for name in reference)])
    people = labels[len(models) :]
    made = (beside_people(people, labels[i], name=name, seed=seed) for i, name in enumerate(models))
    return tuple(found for found in made if found is not None)


def run_listed(
    listed: Listed,
    *,
    judges: tuple[str, ...] = (),
    reference: tuple[str, ...] = (),
    key: str = "sample",
    by: tuple[str, ...] = (),
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
    sides: list[tuple[Collection[str], Collection[str], tuple[str, str]]] = []
    people: list[BesidePeople] = []
    if reference:
        together = "+".join(sorted(reference))
        models = [name for name in chosen if name not in reference]
        sides = [({name}, reference, (name, together)) for name in models]
        if len(reference) > 1:
            sides.append((reference, reference, (together, together)))
            said = heard.labels
            rows = [heard.judges.index(name) for name in reference]
            found = (beside_people(said[rows], said[heard.judges.index(name)], name=name, seed=seed) for name in models)
            people = [made for made in found if made is not None]
    elif len(chosen) > MANY:
        everybody = set(chosen)
        sides = [(everybody, everybody, ("any judge", "any other"))]
        sides += [({name}, everybody - {name}, (name, "all others")) for name in chosen]
    else:
        sides = [({one}, {other}, (one, other)) for one, other in combinations(chosen, 2)]
    repeats = 10 if len(sides) <= MANY * MANY // 2 else 1  # enough where nobody reads every row of the table
    pairs: list[Agreement] = []
    parts: list[tuple[str, Agreement]] = []
    for one, other, names in sides:
        cases = paired_listed(heard, one=one, other=other, names=names)
        pairs.append(compare(cases, seed=seed, repeats=repeats))
        for named in by if len(sides) <= MANY else ():
            labels = attribute_of(listed, heard, named, key=key)
            parts += [
                (f"{named} {labels.names[code]}", made)
                for code, made in compare_by(cases, labels.codes[cases.items], seed=seed, repeats=repeats).items()
            ]
    lonely = [f"{made.one} and {made.other}" for made in pairs if not made.agreement.cases]
    return AgreeSummary(
        pairs=tuple(pairs),
        parts=tuple(parts),
        people=tuple(people),
        habits=tuple(habits_listed(listed, judge=name, key=key) for name in chosen),
        alpha=alpha_listed(heard, judges=chosen, seed=seed) if len(chosen) > 1 else None,
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
