"""One call to the writer: five seeds drawn, the messages, and the reply or the reason why it is not accepted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.build.augment.directions import Directions
from s2s_arena.build.augment.novelty import Novelty
from s2s_arena.build.augment.prompts import Prompts
from s2s_arena.build.augment.script import GrownScript, Reason, Rejected, asked_lengths, read_reply
from s2s_arena.build.augment.targets import Target
from s2s_arena.build.languages import primary, spaced
from s2s_arena.protocols import Message
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Sample

SHOTS = 5
"""Seeds in context (paper, stage 2)."""

_LONGEST_REPLY = 700  # of a reply that is shown back to the writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The reply before, and why it was not accepted."""

    reply: str
    message: str


def seed_of(target: Target, *, seed: int, round: int, attempt: int) -> int:
    """The seed of one call, 0..2^31-1."""
    return int(content_hash("augment-call", seed, target.id, round, attempt)[:8], 16) % 2**31


def messages(
    target: Target,
    seeds: Sequence[Sample],
    *,
    prompts: Prompts,
    directions: Directions,
    rng: np.random.Generator,
    correction: Correction | None = None,
) -> tuple[Message, ...]:
    """What the writer is asked: five of the task's seeds in the target's language first, a topic, and the rules.

    Args:
        target: What to write.
        seeds: The task's, any number.
        prompts: The texts.
        directions: For the words by which a delivery is asked.
        rng: Draws seeds and topic; the same state gives the same messages.
        correction: After a reply that was not accepted.
    """
    level, tag = target.level.value, primary(target.language)
    language = prompts.languages.get(tag, target.language)
    asks = directions.answered[target.direction.answered].asks
    ask = next((word for word in asks if word.isascii() == spaced(tag)), "")
    least, most = asked_lengths(target.language)
    places = {
        "task": prompts.kinds.get(target.seed_task, target.seed_task.replace("_", " ")),
        "meaning": prompts.meaning[level],
        "topic": prompts.topics.list[int(rng.integers(len(prompts.topics.list)))],
        "examples": "\n".join(
            prompts.example.format(level=s.level.value if s.level else "", text=s.turns[0].script)
            for s in _drawn(seeds, target, rng)
        ),
        "heard": target.direction.heard,
        "answered": target.direction.answered,
        "rule": prompts.rule[level].format(answered=target.direction.answered, ask=f'"{ask}"'),
        "id": target.id,
        "language": language,
        "least": str(least),
        "most": str(most),
        "unit": "words" if spaced(tag) else "characters",
        "category": target.domain,
        "opening": target.direction.opening,
        "tag": target.language,
        "level": level,
    }
    asked = (
        Message(role="system", content=prompts.system),
        Message(role="user", content=prompts.asked.format(**places).strip()),
    )
    if correction is None:
        return asked
    shown = (Message(role="assistant", content=correction.reply[:_LONGEST_REPLY]),) if correction.reply else ()
    return (*asked, *shown, Message(role="user", content=prompts.again.format(reason=correction.message)))


def judged(reply: str, target: Target, *, directions: Directions, novelty: Novelty) -> GrownScript:
    """The script in the reply; Rejected as `script.read_reply`, or for one that is not new."""
    script = read_reply(reply, target, directions=directions)
    near = novelty.alike(script.text, language=script.language)
    if near is not None:
        raise Rejected(Reason.SIMILAR, f'"text" says nearly what we have: "{near[0]}". Choose another situation.')
    copied = novelty.copies(script.text, language=script.language)
    if copied is not None:
        raise Rejected(Reason.COPIED, f'"text" copies phrases of "{copied[0]}". Use words of your own.')
    return script


def _drawn(seeds: Sequence[Sample], target: Target, rng: np.random.Generator) -> list[Sample]:
    """Five seeds at most, in random order: those of the target's language first, then of its level; of twins one."""
    shuffled = [seeds[int(i)] for i in rng.permutation(len(seeds))]
    order = list({sample.turns[0].script: sample for sample in shuffled}.values())
    order.sort(key=lambda s: (primary(s.language) != primary(target.language), s.level is not target.level))
    chosen = order[:SHOTS]
    return [chosen[int(i)] for i in rng.permutation(len(chosen))]
