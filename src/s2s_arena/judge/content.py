"""How well a reply's words do what was asked, by a text mind's log-probabilities: pointwise and in pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from s2s_arena.judge.gist import REPLY_WORDS, beginning
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import BelongingPrompts, ContentPrompts
from s2s_arena.protocols import Message, Writer
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Sample
from s2s_arena.records.scores import Score

POINTWISE = "log-odds:answers"
PAIRWISE = "log-odds:better"
BELONGS = "log-odds:belongs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The text of what one turn of a sample asks, as the mind reads it before any reply."""

    text: str


class ContentMarker:
    """Marks replies with a mind; each mark is kept as a `Score`.

    Args:
        writer: The mind.
        prompts: The texts it is asked with about what is right.
        belonging: And about which reply was given to a question.
        notebook: Where marks are kept.
    """

    def __init__(
        self, writer: Writer, *, prompts: ContentPrompts, belonging: BelongingPrompts, notebook: Notebook
    ) -> None:
        self._prompts = prompts
        self._belonging = belonging
        self._right = _Marks(writer, texts=prompts.hash, system=prompts.system, notebook=notebook)
        self._whose = _Marks(writer, texts=belonging.hash, system=belonging.system, notebook=notebook)

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
        asks = [f"{asked.text}\n{ask}"]
        return self._right.mark(POINTWISE, (asked.text, reply), asks, yes=self._prompts.yes, no=self._prompts.no)

    def pairwise(self, asked: Asked, first: str, second: str) -> float:
        """Log-odds, in nats, that the first reply is better: the mean over both orders.

        Exactly the negative of the same with the replies swapped; 0 for equal replies.
        """
        texts = self._prompts

        def ask(one: str, two: str) -> str:
            both = texts.pairwise.format(first=one or texts.nothing, second=two or texts.nothing)
            return f"{asked.text}\n{both}"

        return self._right.both_orders(PAIRWISE, asked.text, first, second, ask, one=texts.one, two=texts.two)

    def belongs(self, question: str, first: str, second: str) -> float:
        """Log-odds, in nats, that the first reply was given to the question and the second to another one.

        The mean over both orders, with the signs of `pairwise`. Only the beginnings of replies are read.
        """
        texts = self._belonging

        def ask(one: str, two: str) -> str:
            return texts.ask.format(question=question, first=one or texts.nothing, second=two or texts.nothing)

        heads = beginning(first, REPLY_WORDS), beginning(second, REPLY_WORDS)
        return self._whose.both_orders(BELONGS, question, *heads, ask, one=texts.one, two=texts.two)


class _Marks:
    """A mind's log-odds on questions with one system message, each kept."""

    def __init__(self, writer: Writer, *, texts: str, system: str, notebook: Notebook) -> None:
        self._writer = writer
        self._system = Message(role="system", content=system)
        self._notebook = notebook
        self._identity = f"{writer.identity}+{texts[:12]}"

    def both_orders(
        self, scale: str, about: str, first: str, second: str, ask: Callable[[str, str], str], *, one: str, two: str
    ) -> float:
        if first == second:
            return 0.0
        low, high = sorted((first, second))
        margin = self.mark(scale, (about, low, high), [ask(low, high), ask(high, low)], yes=one, no=two)
        return margin if first == low else -margin

    def mark(self, scale: str, subject: tuple[str, ...], asks: Sequence[str], *, yes: str, no: str) -> float:
        """One question's log-odds, or for two questions (both orders) half their difference."""

        def make() -> Score:
            chats = [(self._system, Message(role="user", content=ask)) for ask in asks]
            odds = [self._writer.log_odds(chat, yes=yes, no=no) for chat in chats]
            value = odds[0] if len(odds) == 1 else (odds[0] - odds[1]) / 2.0
            return Score(
                subject=content_hash(*subject),
                scale=scale,
                judge=self._identity,
                value=value,
                raw=" ".join(f"{odd:.4f}" for odd in odds),
                prompt_hash=content_hash("prompt", self._system.content, *asks),
            )

        key = content_hash("score", content_hash(*subject), scale, self._identity)
        return self._notebook.kept(Score, key, make).value
