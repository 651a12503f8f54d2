"""The register beside the arena's records: people, studies' conduct, jobs, replies, audit log; all of it may change.

The arena's own store never overwrites, which is right for votes and wrong for names, links and consent: a name must be
erasable without touching a vote. It lies on a shelf: a file of one machine, or tables that several servers share.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.errors import ConflictError, InputError
from s2s_arena.protocols import Row, SharedShelf, Shelf
from s2s_arena.records import codec
from s2s_arena.serve.people.job import Job, Reply
from s2s_arena.serve.people.person import Conduct, Person
from s2s_arena.serve.people.shelf import SqliteShelf

Kept = Person | Conduct | Job | Reply
"""What the register keeps, each in a table of its own."""

_TABLE: dict[type, str] = {Person: "people", Conduct: "conduct", Job: "jobs", Reply: "replies"}
_FOLLOWED: Mapping[str, type[Person] | type[Conduct]] = {"people": Person, "conduct": Conduct}
_NOTICES = "notices"
Heard = Mapping[str, Sequence[Sequence[float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit log."""

    number: int
    at: str
    who: str
    what: str
    detail: str


class Register:
    """People and conduct by key; safe to use from several threads.

    Args:
        place: A shelf, or the SQLite file of one; made if it is not there. `:memory:` for tests.

    Raises:
        WorkspaceError: It cannot be opened, or is no such file.
    """

    def __init__(self, place: Path | str | Shelf) -> None:
        self._shelf: Shelf = SqliteShelf(place) if isinstance(place, (str, Path)) else place
        self._place = self._shelf.place() if isinstance(self._shelf, SharedShelf) else 0
        self._notice = ""

    @property
    def shared(self) -> bool:
        """Whether other servers keep things in it too."""
        return isinstance(self._shelf, SharedShelf)

    def changes(self) -> Sequence[Row]:
        """What anybody changed about people and conduct since this was last asked; read it with `changed`."""
        if not isinstance(self._shelf, SharedShelf):
            return ()
        self._place, rows = self._shelf.changes(self._place, *_FOLLOWED, _NOTICES)
        return [row for row in rows if row[0] != _NOTICES or row[2] != self._notice]

    @staticmethod
    def changed(row: Row) -> Person | Conduct | None:
        """A change as it was kept; None where somebody else has erased what they recorded."""
        table, _, body = row
        return None if table == _NOTICES else codec.decode(_FOLLOWED[table], body)

    def withdrew(self) -> None:
        """Let other servers know that what was recorded has been erased."""
        if self.shared:
            self._notice = secrets.token_hex(8)
            self._shelf.keep((_NOTICES, "withdrawn", self._notice))

    def keep(self, *records: Kept) -> None:
        """Write records, all or none; the same key again replaces."""
        self._shelf.keep(*((_TABLE[type(record)], record.key, codec.encode(record)) for record in records))

    def people(self) -> Iterator[Person]:
        """Everybody, in the order in which they came."""
        yield from (codec.decode(Person, body) for body in self._shelf.bodies("people"))

    def person(self, id: str) -> Person | None:
        """One person, or None."""
        found = self._one("people", id)
        return codec.decode(Person, found) if found is not None else None

    def conducts(self) -> Iterator[Conduct]:
        """Every study that people vote in."""
        yield from (codec.decode(Conduct, body) for body in self._shelf.bodies("conduct"))

    def conduct(self, study: str) -> Conduct:
        """How one study is conducted.

        Raises:
            InputError: People do not vote in it.
        """
        found = self._one("conduct", study)
        if found is None:
            known = ", ".join(c.study for c in self.conducts()) or "none"
            raise InputError(f"study '{study}': not open to people; known: {known}; run s2s-arena study create")
        return codec.decode(Conduct, found)

    def jobs(self) -> Iterator[Job]:
        """All work on suites that people were asked to do."""
        yield from (codec.decode(Job, body) for body in self._shelf.bodies("jobs"))

    def job(self, name: str) -> Job:
        """One job.

        Raises:
            InputError: There is none of that name.
        """
        found = self._one("jobs", name)
        if found is None:
            raise InputError(f"job '{name}': there is none of that name; make it on the desk")
        return codec.decode(Job, found)

    def replies(self, job: str, *, person: str | None = None) -> Iterator[Reply]:
        """What people, or one person, said about a job's items."""
        start = f"{job}/" if person is None else f"{job}/{person}/"
        yield from (codec.decode(Reply, body) for body in self._shelf.bodies("replies", **_beginning(start)))

    def reply(self, key: str) -> Reply | None:
        """One reply, or None."""
        found = self._one("replies", key)
        return codec.decode(Reply, found) if found is not None else None

    def answer(self, reply: Reply) -> None:
        """Keep a reply where there is none.

        Raises:
            ConflictError: There is one.
        """
        body = codec.encode(reply)
        if self._shelf.change("replies", reply.key, lambda there: body if there is None else None) != body:
            raise ConflictError("item: answered in another tab; reload the page")

    def forget(self, *replies: Reply) -> None:
        """Remove replies that were taken back."""
        self._shelf.drop("replies", *(reply.key for reply in replies))

    # ------------------------------------------------------------------------------- what is held and heard

    def hold(self, job: str, group: str, person: str, *, now: float, until: float) -> bool:
        """Hold a script of a job for one speaker; False if another holds it now."""
        mine = json.dumps([group, person, until])

        def how(there: str | None) -> str | None:
            _, holder, end = json.loads(there) if there is not None else (group, person, 0.0)
            return mine if holder == person or end <= now else None

        return self._shelf.change("held", f"{job}/{group}", how) == mine

    def held(self, job: str, *, now: float) -> Mapping[str, str]:
        """Group -> who holds it now."""
        found = (json.loads(body) for body in self._shelf.bodies("held", **_beginning(f"{job}/")))
        return {group: person for group, person, until in found if until > now}

    def hear(self, assignment: str, add: Callable[[Heard], Heard]) -> Heard:
        """Add to what was heard for an assignment; what is known then."""

        def how(there: str | None) -> str | None:
            return json.dumps(add(json.loads(there) if there is not None else {}))

        return _heard(self._shelf.change("heard", assignment, how))

    def heard(self, assignment: str) -> Heard:
        """What was heard for an assignment: clip -> intervals in seconds."""
        return _heard(self._one("heard", assignment))

    def sent(self, person: str, token: str, at: float) -> None:
        """Note that a clip was sent to a person, unless it was before."""
        self._shelf.change("sent", f"{person}/{token}", lambda there: json.dumps(at) if there is None else None)

    def sent_before(self, person: str, tokens: Sequence[str]) -> Mapping[str, float]:
        """Token -> when its clip was first sent to a person, of those that were."""
        found = {token: self._one("sent", f"{person}/{token}") for token in tokens}
        return {token: float(json.loads(at)) for token, at in found.items() if at is not None}

    # ------------------------------------------------------------------------------------------- audit log

    def audit(self, *, at: str, who: str, what: str, detail: str = "") -> None:
        """Add a line to the audit log."""
        self._shelf.note(at=at, who=who, what=what, detail=detail)

    def audited(self, *, last: int = 200) -> tuple[Entry, ...]:
        """The last lines of the audit log, newest first."""
        rows = self._shelf.noted(last=last)
        return tuple(Entry(number=n, at=at, who=who, what=what, detail=detail) for n, at, who, what, detail in rows)

    def close(self) -> None:
        """Release the shelf."""
        self._shelf.close()

    def _one(self, table: str, key: str) -> str | None:
        # Keys have no control characters: the range holds this one alone.
        found = self._shelf.bodies(table, low=key, high=f"{key}\x01")
        return found[0] if found else None


def _heard(body: str | None) -> Heard:
    found: Heard = json.loads(body) if body is not None else {}
    return found


def _beginning(start: str) -> dict[str, str]:
    """The range of keys that begin so, with a "/": "0" follows it."""
    return {"low": start, "high": start[:-1] + "0"}
