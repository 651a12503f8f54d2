"""What is known of a study's judges, for the report: their cards, and what the board must warn of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from s2s_arena.boards.reliability import judge_warnings, latest
from s2s_arena.boards.reliability_card import Card, card
from s2s_arena.boards.votes import Votes
from s2s_arena.protocols import Store
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.systems import JudgeCard, SystemCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Cards of the judges that were tried, and warnings about all that have a card of their own; people have none."""

    cards: tuple[Card, ...] = ()
    warnings: tuple[str, ...] = ()


def known(
    who: Iterable[JudgeName],
    votes: Votes,
    *,
    judges: Mapping[str, JudgeCard],
    store: Store,
    contestants: Mapping[str, SystemCard] | None = None,
) -> Known:
    """What is known of the judges.

    Args:
        who: Judges whose verdicts are on the board.
        votes: What stands; verdicts tell the judge's version.
        judges: Cards by name.
        store: Where reliability records are.
        contestants: Cards of the systems on the board.
    """
    records = list(store.all(JudgeReliability))
    cards: list[Card] = []
    warnings: list[str] = []
    for name in who:
        if name not in judges:
            continue
        versions = [v.judge_version for v in votes.standing if v.judge == name and v.judge_version]
        version = versions[-1] if versions else None
        warnings += judge_warnings(
            name, records=records, version=version, card=judges[name], contestants=contestants, judges=judges
        )
        if any(record.judge == name for record in records):
            cards.append(card(latest(records, judge=name, version=version)))
    return Known(cards=tuple(cards), warnings=tuple(warnings))
