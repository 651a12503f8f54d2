"""`s2s-arena judges validate`: pairs with a known loser, habits, agreement with people, controls; kept as a record."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.boards.added import with_verdicts
from s2s_arena.boards.reliability import people_figures
from s2s_arena.boards.reliability_card import as_data, card, markdown
from s2s_arena.boards.votes import current
from s2s_arena.cli.console import TerminalProgress, command, print_json, print_plan, print_table, say
from s2s_arena.cli.options import HERE, AsJson, JustPlan, Quiet, StudyName, SuiteName, Workspace, names
from s2s_arena.compose import Arena, open_workspace, validating
from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.judge import validation
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.costs import SECONDS_A_CALL
from s2s_arena.judge.probes.attempts import read_attempts, with_attempts
from s2s_arena.judge.probes.kinds import KINDS, Probe, possible
from s2s_arena.judge.probes.sources import Source, sources
from s2s_arena.judge.probes.workshop import Workshop
from s2s_arena.protocols import Speaker
from s2s_arena.rank import agreeing
from s2s_arena.rank.agree_summary import AgreeSummary
from s2s_arena.rank.reading.votes import read_votes
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.identity import RULE_FAILURE, JudgeName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import JudgeCard


@command
def validate(
    name: Annotated[str, typer.Argument(help="Name of the judge's card.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    systems: Annotated[
        str | None,
        typer.Option("--systems", "-S", help="Whose answers to make pairs from; all but baselines by default."),
    ] = None,
    probes: Annotated[
        str | None, typer.Option(help=f"Which; all that can be made here by default: {', '.join(Probe)}.")
    ] = None,
    pairs: Annotated[int, typer.Option("--pairs", "-n", min=1, help="Pairs for each probe, at most.")] = 60,
    again: Annotated[int, typer.Option(min=0, help="Pairs of each probe that are asked once more.")] = 5,
    controls: Annotated[bool, typer.Option(help="Also try the judges that must fail.")] = True,
    control_pairs: Annotated[int, typer.Option(min=1, help="Pairs for each probe of a control, at most.")] = 30,
    voice: Annotated[
        str | None, typer.Option(help=f"The voice of probes that need one; {validating.VOICE} by default.")
    ] = None,
    right: Annotated[
        Path | None,
        typer.Option(
            help="Which answers try what was asked, by a reader: a CSV with sample, system, attempt (yes or no). Only "
            "they stand as the better one of a pair; without it all do that are not plainly faulty."
        ),
    ] = None,
    votes: Annotated[
        Path | None, typer.Option(help="People's votes on the same answers: any file that rank --matches reads.")
    ] = None,
    key: Annotated[str, typer.Option(help="In --votes: the column with the sample's id.")] = "sample",
    study: StudyName = None,
    people: Annotated[
        str | None, typer.Option(help="Judges of the study that are people; all without a card by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draw of pairs.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="Pairs at once.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the card here too, as Markdown.")] = None,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """How far a judge can be trusted. What it said before in the same trials counts; a stopped run goes on."""
    with open_workspace(workspace) as arena:
        chosen = arena.suite(suite)
        judge_card, load = arena.judge(name, chosen)
        answers = sources(_takes(arena, chosen, names(systems)), suite=chosen, store=arena.store)
        if right is not None:
            answers = with_attempts(answers, read_attempts(right))
        reshaper, speaker = validating.reshaper(), _voice(arena, voice, probes)
        ways = validation.Ways(
            probes=_probes(probes, possible(reshapes=reshaper is not None, speaks=speaker is not None)),
            pairs=pairs,
            again=again,
            control_pairs=control_pairs,
            seed=seed,
            concurrency=concurrency,
        )
        languages = speaker.languages if speaker else frozenset()
        if plan:
            taken = judge_card.settings.get("seconds_a_match", SECONDS_A_CALL)
            would = validation.plan(
                answers,
                ways,
                languages=languages,
                seconds_a_call=float(taken) if isinstance(taken, (int, float)) else SECONDS_A_CALL,
                usd_a_minute=judge_card.price.get("minute_in"),
                controls=[(Probe.OTHER,), validating.SAME_WORDS] if controls else (),
            )
            print_plan(dataclasses.asdict(would), as_json=as_json)
            return
        against = _people(
            arena, chosen, judge_card.judge, votes=votes, key=key, study=study, people=names(people), seed=seed
        )
        judge = load()
        found = validation.run(
            judge_card.judge,
            judge,
            answers,
            workshop=Workshop(arena.store, reshaper=reshaper, speaker=speaker),
            store=arena.store,
            executor=arena.executor(),
            languages=languages,
            ways=ways,
            controls=_controls(arena, judge_card, judge, chosen, speaker) if controls else (),
            people=against,
            notes=_notes(chosen, speaker, against, answers if right is not None else ()),
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    record = found.record
    if out is not None:
        out.write_text(markdown(record), encoding="utf-8")
        say(f"card: {out}")
    if as_json:
        print_json(as_data(record))
        return
    page = card(record)
    for heading, lines in page.parts:
        rows = [(f.title, f"{f.value:.3f}", f"{f.low:.3f} to {f.high:.3f}", str(f.cases)) for f in lines]
        print_table(heading, ("figure", "value", "95 % interval", "cases"), rows)
    for short in page.short:
        say(f"falls short: {short}")
    for note in page.notes:
        say(f"note: {note}")


def _takes(arena: Arena, suite: Suite, wanted: tuple[str, ...]) -> list[Take]:
    """The answers of the systems that are named, or of all but baselines: what is faulty as it is has no worse half."""
    cards = arena.cards.systems()
    plain = {name for name, found in cards.items() if found.card.kind == "baseline"}
    takes = arena.takes(suite)
    return [take for take in takes if (take.system in wanted if wanted else take.system not in plain)]


def _voice(arena: Arena, voice: str | None, probes: str | None) -> Speaker | None:
    """The voice; not loaded where no probe that was named asks for one."""
    if probes and not any(KINDS[p].speaks or KINDS[p].words for p in Probe if p in names(probes)) and voice is None:
        return None
    return validating.speaker(arena, voice)


def _probes(given: str | None, can: tuple[Probe, ...]) -> tuple[Probe, ...]:
    wanted = names(given)
    for name in wanted:
        if name not in tuple(Probe):
            raise InputError(f"probe {name}: not known; one of {', '.join(Probe)}")
        if name not in can:
            raise InputError(f"probe {name}: cannot be made here; run pip install 's2s-arena[local]'")
    return tuple(probe for probe in can if not wanted or probe in wanted)


def _controls(
    arena: Arena, judge_card: JudgeCard, judge: Judge, suite: Suite, speaker: Speaker | None
) -> list[validation.Control]:
    return validating.controls(arena, judge_card, judge, suite=suite, voice=speaker)


def _people(
    arena: Arena,
    suite: Suite,
    judge: JudgeName,
    *,
    votes: Path | None,
    key: str,
    study: str | None,
    people: tuple[str, ...],
    seed: int,
) -> Mapping[str, Estimate]:
    """Agreement with the people of a file, or of the study; nothing where there are none."""
    try:
        chosen = arena.study(study)
    except WorkspaceError:
        if study is not None:
            raise
        chosen = None
    if votes is not None:
        listed = read_votes(votes, labels=(key, "judge")).listed
        if chosen is not None and judge not in listed.labels["judge"].names:
            matches = list(arena.store.all(Match, study=chosen.name))
            standing = current(arena.store.events(study=chosen.name))
            listed = with_verdicts(listed, matches, standing, judge=judge, key=key)
        there = listed.labels["judge"].names
        others = people or tuple(name for name in there if name != judge)
        if judge not in there:
            raise InputError(f"{votes}: no row of judge {judge}, and no verdict of it here; run s2s-arena judge first")
        by = tuple(name for name in ("level", "language", "domain") if name in listed.labels)
        return _figures(
            agreeing.run_listed(listed, judges=(judge,), reference=others, key=key, by=by, seed=seed), judge
        )
    if chosen is None or chosen.suite_hash != suite.hash:
        return {}
    cards = arena.cards.judges()
    there = current(arena.store.events(study=chosen.name)).judges
    others = people or tuple(n for n in there if n not in cards and n not in (RULE_FAILURE, judge))
    if judge not in there or not others:
        return {}
    found = agreeing.run(
        arena.store,
        study=chosen,
        judges=(judge,),
        reference=others,
        samples=suite.samples,
        by=("level", "language", "domain"),
        seed=seed,
    )
    return _figures(found, judge)


def _figures(found: AgreeSummary, judge: JudgeName) -> Mapping[str, Estimate]:
    return people_figures(found.pairs, found.parts, found.people, judge=judge)


def _notes(
    suite: Suite, speaker: Speaker | None, against: Mapping[str, Estimate], read: Sequence[Source]
) -> tuple[str, ...]:
    notes = [f"suite {suite.name} {suite.hash[:12]}"]
    if read:
        right = sum(source.right for source in read)
        notes.append(f"better answers are the {right} of {len(read)} that a reader found to try what was asked")
    notes.append(f"voice {speaker.identity}" if speaker else "no voice: probes that need one were left out")
    if not against:
        notes.append("no votes of people on the same answers: agreement with people is not known")
    return tuple(notes)
