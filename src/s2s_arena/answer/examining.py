"""A second look at finished responses, with ears: each finding is kept beside the response, once for each examiner."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from s2s_arena.answer.validation import examine
from s2s_arena.audio.repeats import start_repeats_after_s
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.words import error_rate, tokens
from s2s_arena.errors import StoreError
from s2s_arena.protocols import Executor, Progress, Store, Transcriber
from s2s_arena.records.identity import SampleId, SystemName
from s2s_arena.records.responses import NO_RECORDING, Examined, Failure, FailureKind, Response
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import SystemCard

VERSION = "examiner/2"  # 2: what the own text says twice may be heard twice; letters count beside words
WRONG_WORDS = 0.5  # error rate beyond which speech says something else than its text; ears alone err far less
WRONG_LETTERS = 0.5  # and of letters, without spaces: "54321" and "race car" are no other words
ENOUGH_WORDS = 4  # ears guess at one word or two
LONGEST_AGAIN = 30  # words that are taken together for something said again
TAIL_SHARE = 0.25  # of the text that must be missing at its end before speech counts as cut short
SAYS_AGAIN = 4  # words at the start that come again at once
SURE = 0.8  # that the language is another one
BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One response with its sound; None where that cannot be read, for the reason given."""

    response: Response
    speech: Waveform | None
    unreadable: str = ""
    language: str = ""  # of the question


class Examining:
    """Implements `protocols.Portable`: looks at responses, and listens if there are ears.

    Args:
        ears: Loads them, at the first response; None listens to nothing.
        identity: Of the examiner with its ears.
    """

    def __init__(self, ears: Callable[[], Transcriber] | None, *, identity: str) -> None:
        self._load = ears
        self._identity = identity
        self.resources: Mapping[str, float] = {"CPU": 1.0}
        self._reset()

    def __call__(self, look: Look) -> Examined:
        """What was found."""
        response = look.response

        def found(**what: object) -> Examined:
            return Examined(response=response.key, system=response.system, examiner=self._identity, **what)  # type: ignore[arg-type]  # the fields of the record

        if look.speech is None:
            return found(failure=Failure(kind=FailureKind.BROKEN, message=look.unreadable))
        finding = examine(look.speech)
        if finding.failure is not None:
            return found(failure=Failure(kind=finding.failure, message=finding.message))
        flags = list(finding.flags)
        again_s = start_repeats_after_s(look.speech)
        if again_s is not None and not says_again(response.text, again_s / look.speech.duration_s, look.language):
            flags.append("repeats_its_start")
        ears = self._ears()
        if ears is None:
            return found(flags=tuple(flags))
        heard = ears.transcribe(look.speech)
        language = heard.language.split("-")[0]
        if look.language and language != look.language.split("-")[0] and heard.language_probability >= SURE:
            flags.append("other_language")
        rate = error_rate(response.text, heard.text, heard.language) if response.text else None
        flags += word_flags(response.text, heard.text, heard.language)
        return found(flags=tuple(dict.fromkeys(flags)), heard=heard.text, language=heard.language, error_rate=rate)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_loaded")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._loaded: Transcriber | None = None

    def _ears(self) -> Transcriber | None:
        with self._lock:
            if self._loaded is None and self._load is not None:
                self._loaded = self._load()
            return self._loaded


def says_again(own: str | None, share: float, language: str) -> bool:
    """Whether the system's own text has its first two words again about there, as a share of its length.

    One voice may say words twice sample by sample, and a user may want to hear something twice.
    """
    words = tokens(own, language or "en") if own else ()
    there = share * len(words)
    return any(
        words[n : n + 2] == words[: len(words) - n][:2] and abs(n - there) <= 2 + there / 4
        for n in range(1, len(words))
    )


def word_flags(own: str | None, heard: str, language: str) -> list[str]:
    """What the words heard tell: no_words, repeats_its_start, and against the system's own text stops_before_its_end
    or other_words. What is said several times in a row is compared as if said once: ears lose count.
    """
    spoken = tokens(heard, language)
    if not spoken:
        return ["no_words"]
    wanted = tokens(own, language) if own else ()
    flags = []
    if _starts_twice(spoken, least=SAYS_AGAIN) and not _starts_twice(wanted, least=1):
        flags.append("repeats_its_start")
    if not wanted:
        return flags
    wanted, spoken = _said_once(wanted), _said_once(spoken)
    missing = len(wanted) - len(spoken)
    if missing >= max(3, TAIL_SHARE * len(wanted)) and _rate(wanted[: len(spoken)], spoken) <= WRONG_WORDS:
        return [*flags, "stops_before_its_end"]
    letters = _rate("".join(wanted), "".join(spoken))
    if (
        max(len(wanted), len(spoken)) >= ENOUGH_WORDS
        and min(_rate(wanted, spoken) / WRONG_WORDS, letters / WRONG_LETTERS) > 1
    ):
        flags.append("other_words")
    return flags


def _starts_twice(words: Sequence[str], *, least: int) -> bool:
    return any(words[:size] == words[size : 2 * size] for size in range(least, len(words) // 2 + 1))


def _said_once(words: Sequence[str]) -> tuple[str, ...]:
    """The words without what repeats what stands right before it."""
    kept: list[str] = []
    place = 0
    while place < len(words):
        sizes = range(min(LONGEST_AGAIN, len(kept), len(words) - place), 0, -1)
        again = next((size for size in sizes if kept[-size:] == list(words[place : place + size])), 0)
        if not again:
            kept.append(words[place])
        place += again or 1
    return tuple(kept)


def _rate(meant: Sequence[str], heard: Sequence[str]) -> float:
    """Edits over the length of what was meant."""
    return float(Levenshtein.distance(meant, heard)) / max(1, len(meant))


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the pass did to one system's responses."""

    system: SystemName
    known: int  # examined before, by the same examiner
    examined: int  # now
    flags: Mapping[str, int] = field(default_factory=dict)  # of all, now and before
    failures: Mapping[str, int] = field(default_factory=dict)  # of all: answers that are not usable after all


def run(
    suite: Suite,
    cards: Sequence[SystemCard],
    *,
    store: Store,
    executor: Executor,
    ears: Callable[[], Transcriber] | None = None,
    ears_name: str = "no ears",
    concurrency: int = 1,
    progress: Progress | None = None,
) -> tuple[Summary, ...]:
    """Examine every finished response of the systems that this examiner has not examined; a second run does nothing.

    Args:
        suite: Whose samples count.
        cards: The systems as they now stand.
        store: Where responses are and findings go.
        executor: Overlaps the listening.
        ears: Loads what listens; None looks at the signal alone.
        ears_name: Part of the examiner's identity: other ears examine anew.
        concurrency: Responses at once.
        progress: Told of each.

    Raises:
        StoreError: The store could not write.
    """
    identity = f"{VERSION}({ears_name})"
    languages = {sample.id: sample.language for sample in suite.samples}
    examining = Examining(ears, identity=identity)  # one for all systems: its ears are loaded once
    made = []
    for card in cards:
        known = {e.response: e for e in store.all(Examined, system=card.system, examiner=identity)}
        finished = [
            r
            for r in store.all(Response, system=card.system, settings=card.settings_hash, failure="")
            if r.sample in languages and NO_RECORDING not in r.flags
        ]
        left = [r for r in finished if r.key not in known]
        if progress and left:
            progress.begin(f"examine: {card.name}", len(left))
        now: list[Examined] = []
        kept = 0
        looks = _looks(left, store=store, languages=languages)
        for _, found in executor.map(examining, looks, concurrency=concurrency) if left else ():
            now.append(found)
            if progress:
                progress.advance(f"{found.response[:12]} {', '.join(found.flags) or 'nothing found'}")
            if len(now) - kept >= BATCH:
                store.put(*now[kept:])
                kept = len(now)
        store.put(*now[kept:])
        if progress and left:
            progress.end()
        every = [*(known[r.key] for r in finished if r.key in known), *now]
        made.append(
            Summary(
                system=card.system,
                known=len(finished) - len(left),
                examined=len(now),
                flags=dict(Counter(flag for each in every for flag in each.flags)),
                failures=dict(Counter(each.failure.kind.value for each in every if each.failure)),
            )
        )
    return tuple(made)


def _looks(responses: Sequence[Response], *, store: Store, languages: Mapping[SampleId, str]) -> Iterator[Look]:
    for response in responses:
        speech, why = None, "a response without speech"
        if response.speech is not None:
            try:
                speech = store.audio(response.speech.hash)
            except StoreError as error:
                why = str(error)
        yield Look(response=response, speech=speech, unreadable=why, language=languages[response.sample])
