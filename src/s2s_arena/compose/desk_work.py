"""What people's desks do with a suite, by the same functions as the command line's forms, imports and withdrawals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from s2s_arena.answer import recording
from s2s_arena.answer.importing import imported_card
from s2s_arena.audio import files
from s2s_arena.build import dubbing, verifying
from s2s_arena.build.importing import stage as importing
from s2s_arena.build.importing.rows import Clip, Level, Permission, Row, Source
from s2s_arena.build.review import decisions, identification, people
from s2s_arena.build.withdrawing import withdraw
from s2s_arena.compose.arena import Arena
from s2s_arena.errors import StoreError, SuiteError
from s2s_arena.protocols import AudioEraser, Store
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.identity import content_hash
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Review
from s2s_arena.records.speech import Traits
from s2s_arena.records.systems import SystemCard
from s2s_arena.serve.jobs.book import Book
from s2s_arena.serve.jobs.items import Findings, Item, Part, Question, Work, item_of
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.people.job import Job, JobKind, Reply
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.voting.hall import Hall

Given = Sequence[tuple[Reply, Person]]


class ReviewWork:
    """Keep or discard, with a reason, as `suite review --forms`; the records are those of `suite review --filled`."""

    QUESTIONS = (
        Question(name="decision", options=people.DECISIONS),
        Question(name="reason", options=decisions.REASONS, when=("decision", "discard")),
    )

    def __init__(self, store: Store) -> None:
        self._store = store

    def draw(self, suite: Suite, *, per_level: int, seed: int) -> tuple[str, ...]:
        return ()

    def items(self, job: Job, suite: Suite) -> tuple[Item, ...]:
        found = decisions.by_instruments(self._store.all(Review), suite.samples)
        return tuple(
            item_of(
                sample,
                id=sample.hash[:32],
                questions=self.QUESTIONS,
                notes=tuple(found[sample.hash].answers.values()) if sample.hash in found else (),
            )
            for sample in suite.samples
            if _heard(sample)
        )

    def settle(self, job: Job, suite: Suite, replies: Given) -> None:
        samples = {sample.hash[:32]: sample for sample in suite.samples}
        self._store.put(
            *(
                people.decided(
                    samples[reply.item],
                    reviewer=person.judge,
                    decision=reply.answers["decision"],
                    reason=reply.answers.get("reason", ""),
                    comment=reply.comment,
                )
                for reply, person in replies
            )
        )

    def finish(self, job: Job, suite: Suite, replies: Given) -> str:
        return ""

    def found(self, job: Job, suite: Suite) -> Findings:
        reviews = list(self._store.all(Review))
        decided = [d for d in decisions.decide(suite.samples, reviews) if d.reviewers]
        figures = decisions.agreement(suite.samples, reviews, rng=np.random.default_rng(job.seed), resamples=300)
        enough = [d for d in decided if d.reviewers >= decisions.REVIEWERS]
        return Findings(
            figures=(
                ("samples reviewed", f"{len(decided)} / {len(suite.samples)}"),
                ("by four people or more", str(len(enough))),
                ("kept by the majority", str(sum(d.kept for d in decided))),
                ("pairs of reviewers who agree", _shown(figures.percent)),
                ("Krippendorff's alpha", _shown(figures.alpha)),
                ("unanimous", _shown(figures.unanimous)),
            ),
            columns=("sample", "keep", "discard", "reasons"),
            rows=tuple(
                (d.sample, str(d.keeps), str(d.discards), ", ".join(f"{r} {n}" for r, n in d.reasons.items()))
                for d in sorted(decided, key=lambda d: (d.kept, d.sample))
                if d.discards
            ),
        )


class VerifyWork:
    """Is the level right, are the attributes right, on a stratified draw: `suite verify` in the browser."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def draw(self, suite: Suite, *, per_level: int, seed: int) -> tuple[str, ...]:
        rng = np.random.default_rng(seed)
        return tuple(s.id for s in verifying.draw(suite.samples, per_level=per_level, rng=rng))

    def items(self, job: Job, suite: Suite) -> tuple[Item, ...]:
        asked = tuple(Question(name=name, options=verifying.ANSWERS) for name in verifying.QUESTIONS)
        drawn = [suite.sample(s.id) for s in suite.samples if s.id in set(job.samples)]
        return tuple(item_of(s, id=s.hash[:32], questions=asked) for s in drawn if _heard(s))

    def settle(self, job: Job, suite: Suite, replies: Given) -> None:
        samples = {sample.hash[:32]: sample for sample in suite.samples}
        self._store.put(
            *(
                verifying.answered(
                    samples[reply.item], verifier=person.judge, question=question, answer=answer, comment=reply.comment
                )
                for reply, person in replies
                for question, answer in reply.answers.items()
            )
        )

    def finish(self, job: Job, suite: Suite, replies: Given) -> str:
        return ""

    def found(self, job: Job, suite: Suite) -> Findings:
        told = verifying.summary(suite, store=self._store, rng=np.random.default_rng(job.seed))
        return Findings(
            figures=tuple(
                (f"{q.question} right", f"{_shown(q.share)}, paper {_shown(q.paper)}") for q in told.questions
            ),
            columns=("sample", "disputed", "comment"),
            rows=told.disputed,
        )


class IdentifyWork:
    """Which delivery is heard, without being told: `suite review --identify` in the browser."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def draw(self, suite: Suite, *, per_level: int, seed: int) -> tuple[str, ...]:
        return ()

    def items(self, job: Job, suite: Suite) -> tuple[Item, ...]:
        found = []
        for asked in identification.questions(suite):
            turn = suite.sample(asked.sample).turns[asked.turn]
            speech = None if turn.speech is None else turn.speech.hash
            found.append(
                Item(
                    id=_asked(asked),
                    group=asked.clip,
                    language=turn.language,
                    parts=(Part(language=turn.language, audio=speech),),
                    questions=(Question(name=asked.cue, options=(*asked.options, identification.UNTOLD)),),
                )
            )
        return tuple(found)

    def settle(self, job: Job, suite: Suite, replies: Given) -> None:
        asked = {_asked(question): question for question in identification.questions(suite)}
        self._store.put(
            *(
                identification.answered(asked[reply.item], listener=person.judge, answer=answer)
                for reply, person in replies
                for answer in reply.answers.values()
            )
        )

    def finish(self, job: Job, suite: Suite, replies: Given) -> str:
        return ""

    def found(self, job: Job, suite: Suite) -> Findings:
        told = identification.summary(suite, store=self._store, rng=np.random.default_rng(job.seed))
        return Findings(
            columns=("cue", "by majority of three", "by one listener", "chance", "alpha"),
            rows=tuple(
                (c.cue, _shown(c.by_majority), _shown(c.by_listener), f"{c.chance:.2f}", _shown(c.alpha))
                for c in told.cues
            ),
        )


class _Spoken:
    """What the two recording desks share: an item for each turn, until somebody has recorded it."""

    def draw(self, suite: Suite, *, per_level: int, seed: int) -> tuple[str, ...]:
        return ()

    @staticmethod
    def turns(sample: Sample) -> tuple[Item, ...]:
        whole = item_of(sample, id=sample.hash[:28])
        return tuple(
            Item(
                id=f"{whole.id}{n:04d}",
                group=sample.id,
                turn=n,
                language=turn.language,
                level=whole.level,
                domain=whole.domain,
                task=whole.task,
                guideline=whole.guideline,
                parts=whole.parts,
                asked_of_answer=whole.asked_of_answer,
            )
            for n, turn in enumerate(sample.turns)
        )


class DubWork(_Spoken):
    """Scripts read aloud; `finish` makes the dubbed suite as `suite dub` does."""

    def __init__(self, store: Store, *, seed: int) -> None:
        self._store, self._seed = store, seed

    def items(self, job: Job, suite: Suite) -> tuple[Item, ...]:
        found = []
        for sample in suite.samples:
            for item, turn in zip(self.turns(sample), sample.turns, strict=True):
                stated = {"gender": turn.traits.gender or turn.labels.get("gender"), "age": turn.traits.age}
                # Adults' voices are the rule; only children and elders are asked for.
                wanted = {k: v for k, v in stated.items() if v and (k, v) != ("age", "adult")}
                found.append(replace(item, wanted=wanted))
        return tuple(found)

    def settle(self, job: Job, suite: Suite, replies: Given) -> None:
        """The recording and its consent are in the store since they were accepted."""

    def finish(self, job: Job, suite: Suite, replies: Given) -> str:
        rows = self._rows(job, suite, replies)
        if not rows:
            raise SuiteError(f"job {job.name}: no sample is recorded whole yet; wait for its speakers")
        read = importing.take_in(
            Source(rows=rows, form="recordings", origin="recorded", consent=(), level=Level.SPEECH, title=job.name),
            name=f"{suite.name}-recordings",
            store=self._store,
            licence=job.licence,
        )
        done = dubbing.dub(suite, read.suite, store=self._store, seed=self._seed)
        self._store.put(done.suite)
        return (
            f"suite {done.suite.name} version {done.suite.version}: {len(done.replaced)} of {len(done.suite.samples)} "
            f"samples spoken by people, hash {done.suite.hash[:12]}; review it next"
        )

    def _rows(self, job: Job, suite: Suite, replies: Given) -> tuple[Row, ...]:
        by_item = {reply.item: (reply, person) for reply, person in replies if reply.audio is not None}
        rows: list[Row] = []
        for sample in suite.samples:
            items = self.turns(sample)
            given = [by_item[item.id] for item in items if item.id in by_item]
            if len(given) < len(items):
                continue
            for n, (reply, person) in enumerate(given, start=1):
                rows.append(self._row(job, sample, n, reply, person))
        return tuple(rows)

    def _row(self, job: Job, sample: Sample, turn: int, reply: Reply, person: Person) -> Row:
        if reply.audio is None:
            raise StoreError(f"reply {reply.key}: its recording is gone; record it again")
        voice = {name: person.voice[name] for name in ("gender", "age", "accent") if person.voice.get(name)}
        return Row(
            where=f"job {job.name}, {sample.id} turn {turn}",
            id=sample.id,
            turn=turn if len(sample.turns) > 1 else None,
            audio=Clip(name=f"{sample.id} turn {turn}", content=files.encode_wav(self._store.audio(reply.audio.hash))),
            language=sample.turns[turn - 1].language,
            text=sample.turns[turn - 1].script,
            labels={k: v for k, v in voice.items() if (k, v) != ("age", "adult")},
            attributes={f"recorded_{name}": value for name, value in sorted(reply.answers.items())},
            traits=Traits(gender=voice.get("gender"), age=voice.get("age"), accent=voice.get("accent")),
            speaker=person.judge,
            licence=job.licence,
            permission=Permission(purposes=person.consent, at=person.consented, text_version=person.consent_text),
        )

    def found(self, job: Job, suite: Suite) -> Findings:
        return Findings()


class AnswerWork(_Spoken):
    """Samples answered aloud: responses and takes of a contestant, as any system's."""

    def __init__(self, store: Store, *, seed: int, card: Callable[[str], SystemCard]) -> None:
        self._store, self._seed, self._card = store, seed, card

    def items(self, job: Job, suite: Suite) -> tuple[Item, ...]:
        return tuple(item for sample in suite.samples if _heard(sample) for item in self.turns(sample))

    def settle(self, job: Job, suite: Suite, replies: Given) -> None:
        place = {item.id: (sample.id, n) for sample in suite.samples for n, item in enumerate(self.turns(sample))}
        recording.keep(
            [
                recording.Recorded(
                    sample=place[reply.item][0],
                    turn=place[reply.item][1],
                    speech=reply.audio,
                    by=person.judge,
                    about=reply.answers,
                )
                for reply, person in replies
                if reply.audio is not None
            ],
            suite=suite,
            card=self._card(job.system),
            store=self._store,
            seed=self._seed,
        )

    def finish(self, job: Job, suite: Suite, replies: Given) -> str:
        return ""

    def found(self, job: Job, suite: Suite) -> Findings:
        samples = {sample.id for sample in suite.samples}
        takes = {t.sample for t in self._store.all(Take, system=job.system) if t.sample in samples}
        return Findings(figures=(("samples answered whole", f"{len(takes)} / {len(samples)}"),))


def open_workshop(arena: Arena, hall: Hall) -> Workshop:
    """The jobs of a workspace, with people at them."""
    return Workshop(hall, _works_of(arena), suite=_suites_of(arena), withdraw=_eraser(arena.store))


def open_book(arena: Arena, register: Register) -> Book:
    """The jobs of a workspace, as researchers look at them; a server may be running."""
    return Book(register, _works_of(arena), suite=_suites_of(arena))


def _works_of(arena: Arena) -> Mapping[JobKind, Work]:
    def card(name: str) -> SystemCard:
        known = arena.cards.systems()
        return known[name].card if name in known else imported_card(name)

    return works(arena.store, seed=arena.config.workspace.seed, card=card)


def _suites_of(arena: Arena) -> Callable[[str], Suite]:
    def suite(hash: str) -> Suite:
        found = arena.store.get(Suite, hash)
        if found is None:
            raise SuiteError(f"suite {hash[:12]}: not in this workspace; build or import it")
        return found

    return suite


def works(store: Store, *, seed: int, card: Callable[[str], SystemCard] = imported_card) -> Mapping[JobKind, Work]:
    """What each kind of job does, on a store."""
    return {
        JobKind.REVIEW: ReviewWork(store),
        JobKind.VERIFY: VerifyWork(store),
        JobKind.IDENTIFY: IdentifyWork(store),
        JobKind.DUB: DubWork(store, seed=seed),
        JobKind.ANSWER: AnswerWork(store, seed=seed, card=card),
    }


def _eraser(store: Store) -> Callable[[str], int]:
    def erase(speaker: str) -> int:
        if not isinstance(store, AudioEraser):
            raise StoreError(f"{type(store).__name__} cannot erase audio; remove the speaker's files by hand")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            return withdraw(speaker, store=store, eraser=store, at=now).erased
        except SuiteError:
            return 0  # nothing of theirs was ever kept

    return erase


def _heard(sample: Sample) -> bool:
    return bool(sample.turns) and all(turn.speech is not None for turn in sample.turns)


def _asked(question: identification.Question) -> str:
    return content_hash("identify", question.clip, question.cue)[:32]


def _shown(estimate: Estimate) -> str:
    if estimate.value is None:
        return "–"
    span = f" [{estimate.low:.2f}, {estimate.high:.2f}]" if estimate.low is not None else ""
    return f"{estimate.value:.2f}{span}"
