"""What leaves the hall: raw events, boards and the pay log, as JSONL, CSV and Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars

from s2s_arena.records import codec
from s2s_arena.records.identity import MatchId
from s2s_arena.records.matches import Match
from s2s_arena.records.verdicts import Event
from s2s_arena.serve.live.views import LiveView

EVENT_COLUMNS = (
    "number", "kind", "study", "match", "judge", "revision", "at", "round", "index", "purpose", "sample", "level",
    "domain", "language", "first_system", "second_system", "outcome", "winner", "both_bad", "instruction",
    "expressiveness", "quality", "seconds", "reason", "probability",
)  # fmt: skip
BOARD_COLUMNS = (
    "system", "elo", "bt", "bt_low", "bt_high", "rank_low", "rank_high", "group", "wins", "losses", "both_bad",
    "both_bad_asked",
)  # fmt: skip
PAY_COLUMNS = (
    "person", "external", "name", "role", "languages", "votes", "quota", "minutes", "gold", "check", "code", "pay",
    "currency", "active",
)  # fmt: skip


def events_jsonl(events: Iterable[Event]) -> Iterator[str]:
    """One event a line, whole."""
    for event in events:
        yield codec.encode(event) + "\n"


def event_rows(
    events: Iterable[Event], *, matches: Mapping[MatchId, Match], samples: Mapping[str, object]
) -> list[dict[str, object]]:
    """One row an event, with what its match was; systems by name."""
    rows = []
    for event in events:
        match, verdict = matches.get(event.match), event.verdict
        row: dict[str, object] = {
            "number": event.number,
            "kind": str(event.kind),
            "study": event.study,
            "match": event.match,
            "judge": event.judge,
            "revision": event.revision,
            "at": event.at,
            "reason": event.reason,
        }
        if match is not None:
            sample = samples.get(match.sample)
            row |= {
                "round": match.round,
                "index": match.index,
                "purpose": str(match.purpose),
                "sample": match.sample,
                "level": getattr(sample, "level", None),
                "domain": getattr(sample, "domain", None),
                "language": getattr(sample, "language", None),
                "first_system": match.first_system,
                "second_system": match.second_system,
                "probability": match.probability,
            }
        if verdict is not None:
            row |= {
                "outcome": str(verdict.outcome),
                "both_bad": verdict.both_bad,
                "seconds": verdict.seconds,
                "reason": verdict.reason,
                **{str(c): None if part.outcome is None else str(part.outcome) for c, part in verdict.criteria.items()},
            }
            if match is not None:
                winner = {"first": match.first_system, "second": match.second_system}.get(verdict.outcome)
                row["winner"] = winner or str(verdict.outcome)
        rows.append(row)
    return rows


def events_csv(events: Iterable[Event], *, matches: Mapping[MatchId, Match], samples: Mapping[str, object]) -> str:
    """The same as CSV."""
    return table(EVENT_COLUMNS, event_rows(events, matches=matches, samples=samples))


def board_rows(view: LiveView) -> list[dict[str, object]]:
    """A live board, best first."""
    return [row.as_json() for row in view.rows]


def board_csv(view: LiveView) -> str:
    """The same as CSV."""
    return table(BOARD_COLUMNS, board_rows(view))


def parquet(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """The same rows as a Parquet file, with numbers as numbers."""
    given = list(rows)
    frame = polars.DataFrame({name: [row.get(name) for row in given] for name in columns}, strict=False)
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """CSV whose cells no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value
