"""The book of jobs: making them, counting what people did, taking replies into the arena's records, telling them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from s2s_arena.errors import InputError
from s2s_arena.records.samples import Suite
from s2s_arena.serve.jobs.items import Findings, Item, Work
from s2s_arena.serve.people.job import Job, JobKind, Reply
from s2s_arena.serve.people.person import Person, Role
from s2s_arena.serve.people.register import Register

REPLY_COLUMNS = ("job", "kind", "person", "item", "sample", "number", "answers", "comment", "seconds", "audio",
                 "duration_s", "at", "settled")  # fmt: skip
Given = Sequence[tuple[Reply, Person]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one person has done in a job.

    Attributes:
        person: Who.
        done: Replies.
        quota: Items asked of them: those that fit what they speak, at most the job's quota.
        open: Replies that may still be taken back.
        minutes: As the pages tell it.
    """

    person: Person
    done: int
    quota: int
    open: int
    minutes: float

    @property
    def complete(self) -> bool:
        """Whether they have done all that was asked, and all of it stands."""
        return 0 < self.done >= self.quota and not self.open


class Book:
    """Every job of a workspace.

    Args:
        register: Jobs, people and replies.
        works: What each kind of job does with a suite.
        suite: The suite of a hash.
    """

    def __init__(self, register: Register, works: Mapping[JobKind, Work], *, suite: Callable[[str], Suite]) -> None:
        self.register, self.works = register, works
        self._suite = suite
        self._items: dict[tuple[str, tuple[str, ...]], tuple[Item, ...]] = {}

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, in the order in which they were made."""
        return tuple(self.register.jobs())

    def job(self, name: str) -> Job:
        """A job; InputError where there is none of that name."""
        return self.register.job(name)

    def begin(self, job: Job, *, per_level: int) -> Job:
        """Make a job, with its draw of samples.

        Raises:
            InputError: There is one of that name, or the suite gives nothing to do.
        """
        if any(old.name == job.name for old in self.jobs()):
            raise InputError(f"job {job.name}: there is one of that name already; choose another")
        for old in self.jobs():
            alike = (old.kind, old.suite_hash, old.system) == (job.kind, job.suite_hash, job.system)
            if alike and job.kind is JobKind.ANSWER:
                raise InputError(
                    f"job {job.name}: {old.name} has {job.system} answer this suite; name another contestant"
                )
        suite = self._suite(job.suite_hash)
        work = self.works[job.kind]
        made = replace(job, samples=work.draw(suite, per_level=per_level, seed=job.seed))
        if not work.items(made, suite):
            raise InputError(f"job {job.name}: suite {suite.name} has nothing to {job.kind}; choose another suite")
        self.register.keep(made)
        return made

    def suite(self, job: Job) -> Suite:
        """The suite that a job is about."""
        return self._suite(job.suite_hash)

    def items(self, job: Job) -> tuple[Item, ...]:
        """What there is to do."""
        kept = (job.name, job.samples)
        if kept not in self._items:
            self._items[kept] = self.works[job.kind].items(job, self.suite(job))
        return self._items[kept]

    def crowd(self, job: str) -> list[Person]:
        """Those who were invited to a job."""
        return [p for p in self.people().values() if p.job == job and p.role is Role.ANNOTATOR]

    def people(self) -> Mapping[str, Person]:
        """Everybody by id."""
        return {person.id: person for person in self.register.people()}

    def found(self, job: Job) -> Findings:
        """What has come of it."""
        return self.works[job.kind].found(job, self.suite(job))

    def progress(self, job: Job, person: Person, replies: Iterable[Reply]) -> Progress:
        """What a person has done, of all replies of the job."""
        mine = [reply for reply in replies if reply.person == person.id]
        fitting = sum(item.fits(person) for item in self.items(job))
        return Progress(
            person=person,
            done=len(mine),
            quota=fitting if job.quota is None else min(fitting, job.quota),
            open=sum(not reply.settled for reply in mine),
            minutes=round(sum(reply.seconds for reply in mine) / 60.0, 1),
        )

    def open(self, job: Job, person: str | None = None) -> Given:
        """Replies that are not settled, of one person or of everybody."""
        return self._known(reply for reply in self.register.replies(job.name, person=person) if not reply.settled)

    def settle(self, job: Job, given: Given) -> None:
        """Take replies into the arena's records, where they stand."""
        if given:
            self.works[job.kind].settle(job, self.suite(job), given)
            self.register.keep(*(replace(reply, settled=True) for reply, _ in given))

    def make(self, job: Job) -> str:
        """Make what the job is to bring of all that is settled; what was made, in a line, empty for nothing."""
        given = self._known(reply for reply in self.register.replies(job.name) if reply.settled)
        return self.works[job.kind].finish(job, self.suite(job), given)

    def reply_rows(self, job: Job) -> list[dict[str, object]]:
        """Every reply as it was given, by `REPLY_COLUMNS`."""
        groups = {item.id: item.group for item in self.items(job)}
        return [_told(job, reply, groups) for reply in self.register.replies(job.name)]

    def pay_rows(self, job: Job, *, code: Callable[[Person], str]) -> list[dict[str, object]]:
        """The pay log, a row a person, with the columns that studies have; `code` is told who did all of it."""
        replies = list(self.register.replies(job.name))
        return [_paid(job, self.progress(job, person, replies), code) for person in self.crowd(job.name)]

    def _known(self, replies: Iterable[Reply]) -> Given:
        people = self.people()
        return [(reply, people[reply.person]) for reply in replies if reply.person in people]


def _told(job: Job, reply: Reply, groups: Mapping[str, str]) -> dict[str, object]:
    return {
        "job": job.name,
        "kind": str(job.kind),
        "person": f"person:{reply.person}",
        "item": reply.item,
        "sample": groups.get(reply.item, ""),
        "number": reply.number,
        "answers": "; ".join(f"{q}={a}" for q, a in reply.answers.items()),
        "comment": reply.comment,
        "seconds": reply.seconds,
        "audio": "" if reply.audio is None else reply.audio.hash,
        "duration_s": "" if reply.audio is None else round(reply.audio.duration_s, 2),
        "at": reply.at,
        "settled": reply.settled,
    }


def _paid(job: Job, done: Progress, code: Callable[[Person], str]) -> dict[str, object]:
    person = done.person
    return {
        "person": person.judge,
        "external": person.external,
        "name": person.name,
        "role": str(person.role),
        "languages": " ".join(f"{tag}:{level}" for tag, level in person.languages.items()),
        "votes": done.done,
        "quota": done.quota,
        "minutes": done.minutes,
        "gold": "",
        "check": "",
        "code": code(person) if done.complete else "",
        "pay": round(done.done * job.pay_per_item, 2),
        "currency": job.currency,
        "active": person.active,
    }
