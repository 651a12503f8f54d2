"""Judges that put a whole comparison before a model, spoken or written, and read its reply."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from s2s_arena.errors import (
    EmptyAnswer,
    InputError,
    JudgeFailure,
    MissingError,
    Refused,
    RequestRejected,
    SystemFailure,
    TimedOut,
)
from s2s_arena.judge.canary import Canary
from s2s_arena.judge.comparison import Comparison, Decision
from s2s_arena.judge.local import Hearing
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.presentations import Presentation, presented, prompt_hash
from s2s_arena.judge.programme import Said
from s2s_arena.judge.prompts.listening import ListeningPrompts, fitting
from s2s_arena.judge.replies import Parsed, parse_reply, schema
from s2s_arena.judge.spoken_cues import CueVoice
from s2s_arena.protocols import AudioReader, HeardMessage, Reading
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import content_hash
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import CriterionOutcome
from s2s_arena.retries import Retries

VERSION = "1"  # of what is asked and how replies are read; a change of behaviour is another judge
MAX_TOKENS = 1024  # models that think aloud need room before they decide
CANARY_TOKENS = 256


class ListeningJudge:
    """Implements `comparison.Judge` and `comparison.Levelled`.

    A reply that cannot be used is a JudgeFailure: counted, asked again with another seed, never guessed.

    Args:
        reader: The model.
        prompts: Texts by language; the first is for samples in any other.
        presentation: How comparisons are put.
        voice: Speaks cues and canaries; needed for audible presentations.
        hearing: Ears and instruments; needed for written presentations.
        notebook: Keeps what they hear.
        canary: Asked before matches, where there is audio.
        temperature: 0 unless the model refuses it.
        max_tokens: Of one reply.
        ties: Whether neither may be better; the study must allow it.
        price: USD per minute_in, token_in, token_out; costs are not told without.
        retries: Of network faults.
        name: Begins the identity.
    """

    def __init__(
        self,
        reader: AudioReader,
        *,
        prompts: Mapping[str, ListeningPrompts],
        presentation: Presentation = Presentation.SPOKEN,
        voice: CueVoice | None = None,
        hearing: Hearing | None = None,
        notebook: Notebook | None = None,
        canary: Canary | None = None,
        temperature: float = 0.0,
        max_tokens: int = MAX_TOKENS,
        ties: bool = False,
        price: Mapping[str, float] | None = None,
        retries: Retries | None = None,
        name: str = "listening",
    ) -> None:
        self._reader = reader
        self._prompts = dict(prompts)
        self._presentation = presentation
        self._voice = voice
        self._hearing = hearing
        self._notebook = notebook
        self._canary = canary if presentation.audible else None
        self._temperature = temperature
        self._max_tokens = max_tokens
        self._ties = ties
        self._price = dict(price or {})
        self._retries = retries or Retries()
        self._name = name
        self._criteria = tuple(Criterion)
        self._schema = schema(self._criteria, ties=ties)
        self._failed: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """Model, texts, presentation, cues or ears, and how it is asked."""
        made_of = content_hash(
            self._reader.identity,
            {language: texts.hash for language, texts in self._prompts.items()},
            self._presentation,
            self._voice.identity if self._voice and self._presentation is Presentation.SPOKEN else "",
            self._hearing.identity if self._hearing and not self._presentation.audible else "",
            [self._temperature, self._max_tokens, self._ties],
        )
        return f"{self._name}/{VERSION}/{made_of[:16]}"

    @property
    def levelled(self) -> bool:
        return self._presentation.audible

    def decide(self, comparison: Comparison) -> Decision:
        try:
            return self._decided(comparison)
        except MissingError:
            raise
        except InputError as error:  # audio that cannot be put into a prompt
            raise JudgeFailure(f"{comparison.sample.id}: {error}") from error

    def _decided(self, comparison: Comparison) -> Decision:
        began = time.perf_counter()
        prompts = fitting(self._prompts, comparison.sample.language)
        messages = presented(
            comparison, self._presentation, prompts=prompts, voice=self._voice, hear=self._hear, ties=self._ties
        )
        if self._canary is not None:
            self._canary.check(self._say_what_was_heard, prompts=prompts, presentation=self._presentation)
        asked = prompt_hash(messages, self._schema, self._temperature, self._max_tokens)
        reading, parsed = self._answered(messages, asked, seed=comparison.seed)
        return Decision(
            outcome=parsed.outcome,
            criteria={criterion: self._part(side) for criterion, side in parsed.criteria.items()},
            margin=_SIGNS.get(parsed.outcome, 0.0),
            reason=parsed.reason,
            raw=reading.text,
            prompt_hash=asked,
            parsed=parsed.how,
            seconds=time.perf_counter() - began,
            notes=self._notebook.take_new() if self._notebook else (),
            version=reading.model,
            cost_usd=self._cost(messages, reading),
        )

    def _answered(self, messages: Sequence[HeardMessage], asked: str, *, seed: int) -> tuple[Reading, Parsed]:
        with self._lock:
            # At temperature 0 the same request would fail the same way again.
            again = self._failed[asked]
        try:
            reading = self._read(messages, seed=seed + again, max_tokens=self._max_tokens, schema=self._schema)
            if self._presentation.audible and reading.audio_tokens == 0:
                raise JudgeFailure("unheard: the model counted no audio in the request")
            return reading, parse_reply(reading.text, criteria=self._criteria, ties=self._ties)
        except JudgeFailure:
            with self._lock:
                self._failed[asked] += 1
            raise

    def _read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        max_tokens: int,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        try:
            return self._retries.run(
                lambda: self._reader.read(
                    messages, seed=seed, temperature=self._temperature, max_tokens=max_tokens, schema=schema
                )
            )
        except Refused as error:
            raise JudgeFailure(f"refused: {error}") from error
        except EmptyAnswer as error:
            raise JudgeFailure(f"empty: {error}") from error
        except TimedOut as error:
            raise JudgeFailure(f"late: {error}") from error
        except SystemFailure as error:  # a local model that raised
            raise JudgeFailure(f"crashed: {error}") from error
        except RequestRejected as error:
            raise JudgeFailure(f"rejected: {error}") from error

    def _say_what_was_heard(self, messages: Sequence[HeardMessage]) -> str:
        return self._read(messages, seed=0, max_tokens=max(CANARY_TOKENS, self._max_tokens)).text

    def _hear(self, said: Said) -> Cues:
        if self._hearing is None or self._notebook is None:
            raise MissingError(f"judge {self._name}: no ears; they are needed for {self._presentation}")
        hearing = self._hearing
        audio = said.audio.hash if said.audio else said.original.hash()
        key = content_hash("cues", audio, hearing.identity)
        return self._notebook.kept(Cues, key, lambda: hearing.hear(said.original, audio=audio))

    def _part(self, side: Outcome) -> CriterionOutcome:
        """One criterion; no difference is an abstention, since a strict study knows no ties."""
        return CriterionOutcome(outcome=None if side is Outcome.TIE else side, margin=_SIGNS.get(side, 0.0))

    def _cost(self, messages: Sequence[HeardMessage], reading: Reading) -> float | None:
        if not self._price:
            return None
        seconds = sum(part.duration_s for m in messages for part in m.parts if not isinstance(part, str))
        amounts = {
            "minute_in": seconds / 60.0,
            "token_in": float(reading.usage.tokens_in or 0),
            "token_out": float(reading.usage.tokens_out or 0),
        }
        return sum(self._price.get(unit, 0.0) * amount for unit, amount in amounts.items())


_SIGNS: Mapping[Outcome, float] = {Outcome.FIRST: 1.0, Outcome.SECOND: -1.0}
