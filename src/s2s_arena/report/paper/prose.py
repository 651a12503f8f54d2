"""The methods paragraph of a study: what was done, in sentences that its records bear out."""

import re
from collections import Counter
from collections.abc import Iterator

from s2s_arena.boards.reliability import shared_weights
from s2s_arena.boards.rows import latex_escape as tex
from s2s_arena.boards.standings import RESAMPLED_FROM, intervals_of
from s2s_arena.records.identity import RULE_FAILURE
from s2s_arena.records.studies import STRICT, Sampler
from s2s_arena.report.paper.material import Material

RULES = {
    Sampler.PAPER: r"by the gap of their ratings as in \citet{s2sarena}",
    Sampler.UNIFORM: "uniformly",
    Sampler.D_OPTIMAL: "where one more comparison tells most about all ratings (D-optimal)",
}
CITED = re.compile(r"\\cite[tp]?\{([^}]*)\}")


def methods_paragraph(material: Material) -> str:
    """LaTeX, one sentence a line."""
    sentences = [*_what(material), *_play(material), *_verdicts(material), *_ratings(material), *_limits(material)]
    return "\n".join(sentences) + "\n"


def cited(text: str) -> set[str]:
    """Keys that a text cites."""
    return {key.strip() for found in CITED.findall(text) for key in found.split(",")}


def _what(material: Material) -> Iterator[str]:
    suite, study = material.suite, material.study
    levels = Counter(s.level.value for s in suite.samples if s.level)
    by_level = f" ({', '.join(f'{level} {n}' for level, n in sorted(levels.items()))})" if levels else ""
    languages = sorted({s.language for s in suite.samples} - {"und"})
    said = f" in {_list(languages)}" if languages else ""
    yield (
        rf"We compared {len(study.systems)} speech-to-speech systems pairwise, in the manner of \citet{{s2sarena}}, "
        rf"on {len(suite.samples)} spoken samples{said} of the suite {tex(suite.name)}{by_level}; "
        rf"hash \texttt{{{suite.hash[:12]}}}."
    )
    origins = Counter(s.provenance.origin for s in suite.samples)
    if origins.get("synthetic") == len(suite.samples):
        yield "All user speech is synthetic."
    if material.minutes >= 1.0:
        yield f"The systems answered with {material.minutes:.0f} minutes of speech."


def _play(material: Material) -> Iterator[str]:
    study = material.study
    orders = "in both orders" if study.rules.orders == "both" else "in one order"
    if all(s.provenance.origin == "votes" for s in material.suite.samples):
        yield f"The {material.board.matches} rated comparisons are votes that were given elsewhere."
    else:
        yield (
            f"Pairs were drawn {RULES[study.sampling.sampler]}, {study.sampling.uniform_mix * 100:.0f}\\,\\% of them "
            f"uniformly, in rounds of {study.sampling.round_size} (seed {study.seed}), and each was heard {orders}; "
            f"{material.board.matches} comparisons are rated."
        )
    unrated = sum(material.board.unrated.values())
    if unrated:
        reasons = ", ".join(f"{tex(why)} {n}" for why, n in sorted(material.board.unrated.items()))
        yield f"Not rated: {reasons}."
    if material.failures:
        yield (
            f"{material.failures} answers failed; a failed answer loses to one that did not fail, and two failed ones "
            "are not rated."
        )


def _verdicts(material: Material) -> Iterator[str]:
    shown = []
    for judge, votes in material.votes.items():
        if judge == RULE_FAILURE:
            continue
        card = material.judges.get(judge)
        title = f" ({tex(card.title)})" if card and card.title else ""
        shown.append(f"{tex(judge)}{title} {votes}")
    if len(shown) > 8:
        total = sum(votes for judge, votes in material.votes.items() if judge != RULE_FAILURE)
        yield f"{len(shown)} judges gave {total} verdicts."
    elif shown:
        yield f"Verdicts: {'; '.join(shown)}."
    outcomes = material.study.rules.outcomes
    if tuple(outcomes) == STRICT:
        yield "Judges had to prefer one answer; ties were not allowed."
    else:
        extra = _list([str(o).replace("_", " ") for o in outcomes if o not in STRICT])
        yield f"Beside a preference judges could say {extra}; a tie counts half a win for each, both bad is not rated."
    people = material.people
    if people is not None and any(made.agreement.cases for made in people.against):
        yield (
            rf"Agreement with the {len(people.names)} people is given with Wilson intervals \citep{{wilson}} and as "
            r"Cohen's $\kappa$ \citep{cohen}."
        )


def _ratings(material: Material) -> Iterator[str]:
    board, insight = material.board, material.analysis.insight
    yield (
        r"Ratings are sequential Elo \citep{elo} ($K = 32$, start 1000) and Bradley-Terry strengths "
        r"\citep{bradleyterry} on the same scale, regularised by half a virtual game of each system against an average "
        "opponent."
    )
    if material.analysis.ties is not None and material.analysis.ties.ties:
        yield (
            rf"With ties as outcomes of their own \citep{{davidson}}, two equal systems tie in "
            rf"{100 * material.analysis.ties.tie_rate:.0f}\,\% of comparisons."
        )
    if board.bootstraps:
        spearman = (
            f"; the ranking correlates with those of the draws at Spearman {board.spearman_mean:.2f} $\\pm$ "
            f"{board.spearman_sd:.2f}"
            if board.spearman_mean is not None and board.spearman_sd is not None
            else ""
        )
        resampled = board.method == "elo" or board.matches >= RESAMPLED_FROM
        source = r" \citep{efron}" if resampled else ""
        drawn = f"; ranks are those of {board.bootstraps} bootstrap resamples of Elo" if board.method == "elo" else ""
        yield (rf"Intervals are of 95\,\%, by {tex(intervals_of(board))}{drawn}{source} (seed {board.seed}){spearman}.")
    yield (
        rf"Compared all at once at {100 * insight.level:.0f}\,\% \citep{{hothorn}}, {insight.separated} of "
        f"{insight.pairs} pairs of systems are separated."
    )
    for flip in insight.flips:
        if flip.change == "reverse" and flip.votes is not None and flip.rival is not None:
            verdicts = "verdict" if flip.votes == 1 else "verdicts"
            yield f"Reversing {flip.votes} {verdicts} would put {tex(flip.rival)} first."
    if insight.order is not None:
        yield (
            f"The order of play alone moves Elo by up to {max(insight.order.sd.values()):.0f} points (standard "
            "deviation over reshuffles)."
        )


def _limits(material: Material) -> Iterator[str]:
    who = [judge for judge in material.votes if judge != RULE_FAILURE]
    playing = {str(name): material.systems[name] for name in material.study.systems if name in material.systems}
    shared = [
        line
        for judge in who
        if judge in material.judges
        for line in shared_weights(material.judges[judge], playing, judges=material.judges)
    ]
    if shared:
        yield "Limitation: " + "; ".join(tex(line) for line in shared) + "."
    if not material.board.connected:
        yield (
            "Chains of wins do not link all systems, so that gaps between the groups they form rest on the "
            "regularisation."
        )
    yield rf"Made with S2S-Arena {tex(material.version)}."


def _list(names: list[str]) -> str:
    shown = [tex(name) for name in names]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]
