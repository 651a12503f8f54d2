"""The report's tables for other programs: CSV, JSON and LaTeX."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from s2s_arena.boards.insight import Insight
from s2s_arena.boards.rows import COLUMNS, INSIGHT_COLUMNS, insight_row, latex_board, row
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.codec import encode
from s2s_arena.records.matches import Match
from s2s_arena.records.verdicts import Verdict
from s2s_arena.report.content import Content, LedgerLine

MATCH_COLUMNS = (
    "system_a", "system_b", "winner", "judge", "sample", "round", "index", "group", "purpose", "probability", "margin",
)  # fmt: skip


def leaderboard_csv(board: Board, insight: Insight) -> str:
    """The board, best first, and what it can bear."""
    rows = ([*row(s).values(), *insight_row(insight, s.system).values()] for s in board.standings)
    return _csv((*COLUMNS, *INSIGHT_COLUMNS), rows)


def slices_csv(slices: Iterable[Slices]) -> str:
    """All slices in long form."""
    rows = [
        [s.by, value, *row(standing).values()]
        for s in slices
        for value, board in s.boards.items()
        for standing in board.standings
    ]
    return _csv(("by", "value", *COLUMNS), rows)


def ledger_csv(lines: Iterable[LedgerLine]) -> str:
    """What answers took, by system and quantity."""
    header = [field.name for field in fields(LedgerLine)]
    return _csv(header, ([getattr(line, name) for name in header] for line in lines))


def matches_csv(matches: Sequence[Match], verdicts: Mapping[str, Sequence[Verdict]]) -> str:
    """One row per current verdict, in order of play; `rank --matches` reads it."""
    rows: list[dict[str, object]] = []
    for match in matches:
        for verdict in verdicts.get(match.id, ()):
            winner = {"first": match.first_system, "second": match.second_system}.get(
                verdict.outcome.value, verdict.outcome.value
            )
            rows.append(
                {
                    "system_a": match.first_system,
                    "system_b": match.second_system,
                    "winner": winner,
                    "judge": verdict.judge,
                    "sample": match.sample,
                    "round": match.round,
                    "index": match.index,
                    "group": match.group,
                    "purpose": match.purpose.value,
                    "probability": f"{match.probability:.6g}",
                    "margin": f"{verdict.margin:.6g}",
                }
            )
    return _csv(MATCH_COLUMNS, ([row[column] for column in MATCH_COLUMNS] for row in rows))


def report_json(content: Content) -> str:
    """Everything the pages say."""
    return json.dumps(json.loads(encode(content)), ensure_ascii=False, indent=1) + "\n"


def write(
    content: Content, matches: Sequence[Match], verdicts: Mapping[str, Sequence[Verdict]], folder: Path
) -> tuple[Path, ...]:
    """All tables into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "leaderboard.csv": leaderboard_csv(content.board, content.analysis.insight),
        "leaderboard.tex": "\n".join(latex_board(content.board, content.analysis.insight)) + "\n",
        "slices.csv": slices_csv(content.slices),
        "ledger.csv": ledger_csv(content.ledger),
        "matches.csv": matches_csv(matches, verdicts),
        "report.json": report_json(content),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(folder / name for name in texts)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
