"""What it takes to repeat a study: hashes, seeds, versions, prompts, rules; and what to doubt."""

from collections import Counter
from collections.abc import Iterable, Mapping

from s2s_arena.boards.standings import intervals_of
from s2s_arena.boards.votes import Votes
from s2s_arena.protocols import Store
from s2s_arena.records.boards import Board
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard, SystemCard

Section = tuple[str, tuple[tuple[str, str], ...]]


def methods(
    study: Study,
    suite: Suite,
    board: Board,
    votes: Votes,
    *,
    store: Store,
    systems: Mapping[str, SystemCard],
    judges: Mapping[str, JudgeCard],
) -> tuple[Section, ...]:
    """The methods page, section by section."""
    return (
        ("Suite", tuple(_suite(suite))),
        ("Study", tuple(_study(study))),
        ("Judges", tuple(_judges(votes, judges))),
        ("Ratings", tuple(_ratings(board))),
        ("Systems", tuple((s, _system(systems.get(s))) for s in study.systems)),
        ("Runs", tuple(_runs(store.all(Run)))),
    )


def _suite(suite: Suite) -> Iterable[tuple[str, str]]:
    yield "name", f"{suite.name}, version {suite.version}"
    yield "hash", suite.hash
    origins = Counter(sample.provenance.origin for sample in suite.samples)
    yield "samples", f"{len(suite.samples)} ({', '.join(f'{n} {origin}' for origin, n in sorted(origins.items()))})"
    if origins.get("synthetic") == len(suite.samples):
        yield "speech", "all synthetic: spoken by local voices, which people's speech may differ from"
    yield "licence", suite.licence
    notices = sorted({s.provenance.notice for s in suite.samples if s.provenance.notice})
    if notices:
        yield "notices", "; ".join(notices)
    yield from ((f"build {key}", value) for key, value in sorted(suite.build.items()))


def _study(study: Study) -> Iterable[tuple[str, str]]:
    yield "name", f"{study.name}, revision {study.revision}"
    yield "seed", str(study.seed)
    yield "legal outcomes", ", ".join(study.rules.outcomes)
    yield "orders", study.rules.orders
    yield (
        "sampling",
        (
            f"{study.sampling.sampler.value}, {study.sampling.uniform_mix:.0%} uniform, "
            f"rounds of {study.sampling.round_size}, balanced over {' x '.join(study.sampling.balance)}"
        ),
    )
    yield "failures", "a failed answer loses to one that did not fail; two failed ones are counted and not rated"


def _judges(votes: Votes, judges: Mapping[str, JudgeCard]) -> Iterable[tuple[str, str]]:
    for judge in votes.judges:
        mine = [v for v in votes.standing if v.judge == judge]
        card = judges.get(judge)
        versions = sorted({v.judge_version for v in mine if v.judge_version})
        prompts = sorted({v.prompt_hash for v in mine if v.prompt_hash})
        parsed = Counter(v.parsed for v in mine if v.parsed)
        seconds = [v.seconds for v in mine if v.seconds is not None]
        yield (
            judge,
            "; ".join(
                part
                for part in (
                    f"{len(mine)} verdicts",
                    card.title if card else "",
                    f"version {', '.join(versions)}" if versions else "",
                    f"prompts {', '.join(prompts)}" if prompts else "",
                    ", ".join(f"{n} {how}" for how, n in parsed.most_common()),
                    f"{sum(seconds) / len(seconds):.1f} s a match" if seconds else "",
                )
                if part
            ),
        )
    failed = sum(votes.failed.values())
    if failed:
        yield "no usable verdict", f"{failed} attempts"
    if votes.excluded:
        yield "excluded", f"{len(votes.excluded)} votes"


def _ratings(board: Board) -> Iterable[tuple[str, str]]:
    yield "Elo", "start 1000, K = 32, scale 400, played once in the order of (round, index)"
    yield "Bradley-Terry", "maximum likelihood with half a virtual game against an average opponent; mean 1000"
    yield "intervals", f"95 %, by {intervals_of(board)}; seed {board.seed}"
    if board.spearman_mean is not None and board.spearman_sd is not None:
        yield "order of bootstraps", f"Spearman {board.spearman_mean:.3f} ± {board.spearman_sd:.3f} with the board"
    yield "connected", "yes" if board.connected else "no: some systems are not linked by wins both ways"
    yield "events", f"up to number {board.up_to}"
    if board.unrated:
        yield "not rated", ", ".join(f"{n} {why}" for why, n in sorted(board.unrated.items()))


def _system(card: SystemCard | None) -> str:
    if card is None:
        return "no card here"
    weights = f"; weights {', '.join(card.weights)}" if card.weights else ""
    return f"{card.title}; settings {card.settings_hash[:12]}{weights}"


def _runs(runs: Iterable[Run]) -> Iterable[tuple[str, str]]:
    latest: dict[str, Run] = {}
    for run in runs:
        latest[run.stage] = run
    for stage, run in latest.items():
        versions = ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))
        yield stage, f"{run.started}, seed {run.seed}; {versions}"
