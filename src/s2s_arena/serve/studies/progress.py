"""What one annotator has done so far at a study's desk: tasks whose answer is known, and time."""

from s2s_arena.arena import ballot
from s2s_arena.records.identity import JudgeName
from s2s_arena.serve.voting import drawing
from s2s_arena.serve.voting.desk import StudyDesk


def gold_score(desk: StudyDesk, judge: JudgeName) -> tuple[int, int]:
    """Gold tasks answered rightly, and answered."""
    right = asked = 0
    for id, events in desk.own(judge).items():
        side = None if desk.ruled(id) else drawing.right_side(desk.matches[id], desk.takes)
        standing = ballot.current(events)
        if side is not None and standing is not None and standing.verdict is not None:
            asked += 1
            right += standing.verdict.outcome == side
    return right, asked


def seconds(desk: StudyDesk, judge: JudgeName) -> float:
    """Time that a person's standing votes took, as their pages told it."""
    standing = (ballot.current(events) for events in desk.own(judge).values())
    return sum(vote.verdict.seconds or 0.0 for vote in standing if vote is not None and vote.verdict is not None)
