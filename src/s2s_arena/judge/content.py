"""How well a reply's words do what was asked, by a text mind's log-probabilities: pointwise and in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import ContentPrompts
from s2s_arena.protocols import Message, Writer
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Sample
from s2s_arena.records.scores import Score

POINTWISE = "log-odds:answers"
PAIRWISE = "log-odds:better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The text of what one turn of a sample asks, as the mind reads it before any reply."""

    text: str


class ContentMarker:
    """Marks replies with a mind; each mark is kept as a `Score`.

    Args:
        writer: The mind.
        prompts: The texts it is asked with.
        notebook: Where marks are kept.
    """

    def __init__(self, writer: Writer, *, prompts: ContentPrompts, notebook: Notebook) -> None:
        self._writer = writer
        self._prompts = prompts
        self._notebook = notebook
        self.identity = f"{writer.identity}+{prompts.hash[:12]}"

    def asked(self, sample: Sample, *, turn: int, replies: Sequence[str] = (), words_only: bool = False) -> Asked:
        """What the user asked in a turn, how it sounded, and what a right reply is.

        Args:
            sample: The blinded sample.
            turn: Which of its turns.
            replies: What the system said, by turn; only those before `turn` are read.
            words_only: Leave out all that was not in the user's words: labels, guideline, references.
        """
        prompts = self._prompts
        lines = [
            prompts.earlier.format(question=before.script, reply=reply or prompts.nothing)
            for before, reply in zip(sample.turns[:turn], replies, strict=False)
        ]
        lines.append(prompts.asked.format(question=sample.turns[turn].script))
        if words_only:
            return Asked(text="\n".join(lines))
        labels = ", ".join(f"{name} {value}" for name, value in sorted(sample.turns[turn].labels.items()))
        if labels:
            lines.append(prompts.heard.format(labels=labels))
        if sample.guideline:
            lines.append(prompts.guideline.format(guideline=sample.guideline))
        if sample.references and turn == len(sample.turns) - 1:
            lines.append(prompts.reference.format(reference=sample.references[0]))
        return Asked(text="\n".join(lines))

    def pointwise(self, asked: Asked, reply: str) -> float:
        """Log-odds, in nats, that the reply does what was asked."""
        ask = self._prompts.pointwise.format(reply=reply or self._prompts.nothing)
        return self._mark(
            POINTWISE, (asked.text, reply), [f"{asked.text}\n{ask}"], yes=self._prompts.yes, no=self._prompts.no
        )

    def pairwise(self, asked: Asked, first: str, second: str) -> float:
        """Log-odds, in nats, that the first reply is better: the mean over both orders.

        Exactly the negative of the same with the replies swapped; 0 for equal replies.
        """
        if first == second:
            return 0.0
        low, high = sorted((first, second))
        margin = self._mark(
            PAIRWISE,
            (asked.text, low, high),
            [self._both(asked, low, high), self._both(asked, high, low)],
            yes=self._prompts.one,
            no=self._prompts.two,
        )
        return margin if first == low else -margin

    def _both(self, asked: Asked, first: str, second: str) -> str:
        nothing = self._prompts.nothing
        return f"{asked.text}\n{self._prompts.pairwise.format(first=first or nothing, second=second or nothing)}"

    def _mark(self, scale: str, subject: tuple[str, ...], asks: Sequence[str], *, yes: str, no: str) -> float:
        """One question's log-odds, or for two questions (both orders) half their difference."""

        def make() -> Score:
            odds = [self._writer.log_odds(self._messages(ask), yes=yes, no=no) for ask in asks]
            value = odds[0] if len(odds) == 1 else (odds[0] - odds[1]) / 2.0
            return Score(
                subject=content_hash(*subject),
                scale=scale,
                judge=self.identity,
                value=value,
                raw=" ".join(f"{odd:.4f}" for odd in odds),
                prompt_hash=content_hash("prompt", self._prompts.system, *asks),
            )

        key = content_hash("score", content_hash(*subject), scale, self.identity)
        return self._notebook.kept(Score, key, make).value

    def _messages(self, ask: str) -> tuple[Message, ...]:
        return (Message(role="system", content=self._prompts.system), Message(role="user", content=ask))
