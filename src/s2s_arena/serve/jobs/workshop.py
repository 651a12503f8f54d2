"""All jobs that people do on suites: who gets which item, what they have said, and when it becomes a record.

Replies lie in the register, from the moment they are acknowledged, and may be taken back. What is older than a person's
last few, or handed in, is settled: it goes into the arena's records, where it stands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from s2s_arena.arena import blinding
from s2s_arena.audio import files
from s2s_arena.errors import ConflictError, IllegalVoteError
from s2s_arena.protocols import AudioEraser
from s2s_arena.records.identity import AudioHash, MatchId, content_hash
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Consent
from s2s_arena.serve.hearing.clips import Clip, peaks
from s2s_arena.serve.hearing.listening import Unheard, missing
from s2s_arena.serve.jobs.book import Book
from s2s_arena.serve.jobs.items import Item, Work
from s2s_arena.serve.jobs.uploads import examined
from s2s_arena.serve.people.job import Job, JobKind, Reply
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.voting.hall import Hall

OPEN = 3  # replies of a person that can be taken back
HELD_S = 1800.0  # how long a script waits for one speaker before others may get it


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a person stands in their job."""

    item: Item | None
    done: int
    quota: int
    undo: str | None  # the item whose reply can be taken back
    open: int  # replies that are not settled


@dataclass(frozen=True, slots=True)
class _Source:
    job: str
    item: str
    part: int
    audio: AudioHash


class Workshop(Book):
    """Every job, with people at it. Its methods are called from one event loop; `apart` work runs beside it.

    Args:
        hall: People, the register and the store.
        works: What each kind of job does with a suite.
        suite: The suite of a hash.
        withdraw: Erases all that a speaker said, everywhere in the workspace, and says how many waveforms.
    """

    def __init__(
        self,
        hall: Hall,
        works: Mapping[JobKind, Work],
        *,
        suite: Callable[[str], Suite],
        withdraw: Callable[[str], int],
    ) -> None:
        super().__init__(hall.register, works, suite=suite)
        self.hall = hall
        self._withdraw = withdraw
        self._tokens: dict[str, _Source] = {}
        self._key = hall.signer.subkey("work")
        self._clips: dict[AudioHash, Clip] = {}
        self._orders: dict[tuple[str, str], Mapping[str, int]] = {}

    def people(self) -> Mapping[str, Person]:
        return self.hall.people

    # ------------------------------------------------------------------------------------------ giving out

    def standing(self, person: Person) -> Standing:
        """The person's next item and progress. The caller holds the person's lock."""
        job = self.job(person.job)
        # Whom others have spoken for matters only where a script is spoken once.
        whose = None if job.kind.speaks else person.id
        replies = list(self.hall.register.replies(job.name, person=whose))
        mine = sorted((r for r in replies if r.person == person.id), key=lambda r: r.number)
        todo = self._todo(job, person, mine, replies)
        quota = len(mine) + len(todo)
        if job.quota is not None:
            quota = min(quota, job.quota)
        item = None
        if len(mine) < quota and not job.paused:
            item = next((it for it in todo if not job.kind.speaks or self._hold(job, it, person)), None)
        last = next((r for r in reversed(mine) if not r.settled), None)
        return Standing(
            item=item,
            done=len(mine),
            quota=quota,
            undo=last.item if last else None,
            open=sum(not r.settled for r in mine),
        )

    def _todo(self, job: Job, person: Person, mine: Sequence[Reply], replies: Iterable[Reply]) -> list[Item]:
        given = {reply.item for reply in mine}
        items = [item for item in self.items(job) if item.id not in given and item.fits(person)]
        if not job.kind.speaks:
            return sorted(items, key=lambda item: self._order(job, person)[item.id])
        by_id = {item.id: item for item in self.items(job)}
        others = {by_id[r.item].group for r in replies if r.person != person.id and r.item in by_id}
        held = self.hall.register.held(job.name, now=self.hall.clock())
        others |= {group for group, holder in held.items() if holder != person.id}
        own = {by_id[id].group for id in given if id in by_id}
        free = [item for item in items if item.group not in others]
        return sorted(free, key=lambda item: item.group not in own)  # a dialogue that was begun is ended first

    def _hold(self, job: Job, item: Item, person: Person) -> bool:
        now = self.hall.clock()
        return self.hall.register.hold(job.name, item.group, person.id, now=now, until=now + HELD_S)

    def _order(self, job: Job, person: Person) -> Mapping[str, int]:
        """Item -> place in the person's own order: fatigue is to fall on different samples."""
        kept = self._orders.get((job.name, person.id))
        if kept is None:
            ids = [item.id for item in self.items(job)]
            ids.sort(key=lambda id: content_hash("order", job.name, job.seed, person.id, id))
            kept = self._orders[job.name, person.id] = {id: n for n, id in enumerate(ids)}
        return kept

    def _asked(self, job: Job, id: str) -> Item:
        for item in self.items(job):
            if item.id == id:
                return item
        raise IllegalVoteError("item: not one of yours; reload the page")

    # --------------------------------------------------------------------------------------------- replying

    async def answer(
        self,
        person: Person,
        id: str,
        answers: Mapping[str, str],
        *,
        comment: str,
        heard: Mapping[str, Sequence[tuple[float, float]]],
        s: float,
    ) -> None:
        """Keep what a person says about an item; the same again is fine. The caller holds the person's lock.

        Raises:
            Unheard: Its clips were not heard.
            InputError: An answer is missing or is none of its options.
            ConflictError: It was answered otherwise in another tab.
            IllegalVoteError: It is not in front of the person.
        """
        job = self.job(person.job)
        item = self._asked(job, id)
        given = item.checked(answers)
        old = self.hall.register.reply(f"{job.name}/{person.id}/{id}")
        if old is not None:
            if (dict(old.answers), old.comment) != (given, comment):
                raise ConflictError("item: answered in another tab; reload the page")
            return
        standing = self.standing(person)
        if standing.item is None or standing.item.id != id:
            raise IllegalVoteError("item: not the one in front of you; reload the page")
        tokens = self.tokens(job, item)
        sent = await self.hall.playback.sent_at(person, tuple(tokens.values()))
        lacking = missing(
            heard,
            durations_s={name: clip.duration_s for name, clip in (await self._all_clips(job, item)).items()},
            waited_s={
                str(n): self.hall.clock() - sent[token] if token in sent else None for n, token in tokens.items()
            },
            share=job.listen,
        )
        if lacking:
            raise Unheard(lacking)
        self._keep(job, person, Reply(
            job=job.name, person=person.id, item=id, number=0, answers=given, comment=comment, seconds=s,
        ))  # fmt: skip
        await self._settle_old(job, person)

    async def record(
        self, person: Person, id: str, content: bytes, *, about: Mapping[str, str], anyway: bool, s: float
    ) -> Reply:
        """Keep a recording that its speaker has heard and accepted. The caller holds the person's lock.

        Raises:
            AudioError: It is no WAV that can be decoded, too long, or of too low a rate.
            Doubtful: It holds no speech; or something is odd, and the speaker did not say to keep it `anyway`.
            IllegalVoteError: No consent, or it is not in front of the person.
        """
        job = self.job(person.job)
        self._asked(job, id)
        if "evaluation" not in person.consent:
            raise IllegalVoteError("recording: you have not agreed to it, or have withdrawn; reload the page")
        wave, odd = await self.hall.apart(partial(examined, content, anyway=anyway))
        old = self.hall.register.reply(f"{job.name}/{person.id}/{id}")
        if old is not None and old.audio is not None:
            if old.audio.hash == wave.hash():
                return old  # sent again after a lost connection
            raise ConflictError("item: recorded in another tab; reload the page")
        standing = self.standing(person)
        if standing.item is None or standing.item.id != id:
            raise IllegalVoteError("item: not the one in front of you; reload the page")
        store = self.hall.store
        now = self.hall.now()
        gone = {c.audio for c in store.all(Consent, speaker=person.judge) if c.withdrawn}
        if wave.hash() in gone:
            raise IllegalVoteError("recording: it was withdrawn before; record it again")
        speech = await self.hall.apart(store.put_audio, wave)
        allowed = Consent(
            audio=speech.hash, speaker=person.judge, purposes=person.consent, text_version=person.consent_text, at=now
        )
        await self.hall.apart(store.put, allowed)
        known = dict(about) | ({"flags": " ".join(odd)} if odd else {})
        kept = self._keep(job, person, Reply(
            job=job.name, person=person.id, item=id, number=0, answers=known, seconds=s, audio=speech,
        ))  # fmt: skip
        await self._settle_old(job, person)
        return kept

    def _keep(self, job: Job, person: Person, reply: Reply) -> Reply:
        mine = [r.number for r in self.hall.register.replies(job.name, person=person.id)]
        made = replace(reply, number=max(mine, default=0) + 1, at=self.hall.now())
        self.hall.register.answer(made)
        return made

    async def undo(self, person: Person, id: str) -> None:
        """Take the last reply back; audio is erased. The caller holds the person's lock.

        Raises:
            IllegalVoteError: It is not the last one, or stands already.
        """
        job = self.job(person.job)
        standing = self.standing(person)
        if standing.undo is None or standing.undo != id:
            raise IllegalVoteError("undo: only your last answers can be taken back; reload the page")
        reply = self.hall.register.reply(f"{job.name}/{person.id}/{id}")
        if reply is None:
            return
        if reply.audio is not None:
            await self.hall.apart(self._erase, reply.audio.hash)
        self.hall.register.forget(reply)

    def _erase(self, hash: AudioHash) -> None:
        if isinstance(self.hall.store, AudioEraser):
            self.hall.store.erase_audio(hash)

    # --------------------------------------------------------------------------------------------- settling

    async def _settle_old(self, job: Job, person: Person) -> None:
        mine = sorted(self.hall.register.replies(job.name, person=person.id), key=lambda r: r.number)
        await self.hall.apart(
            self.settle, job, [(r, person) for r in mine[: max(0, len(mine) - OPEN)] if not r.settled]
        )

    async def hand_in(self, job: Job, person: Person | None = None) -> int:
        """Settle all that is open: of one person, or of everybody; says how many replies."""
        todo = await self.hall.apart(self.open, job, None if person is None else person.id)
        await self.hall.apart(self.settle, job, todo)
        return len(todo)

    async def finish(self, job: Job) -> str:
        """Settle everything, and make what the job is to bring; what was made, in a line."""
        await self.hand_in(job)
        return await self.hall.apart(self.make, job)

    async def withdraw(self, person: Person) -> int:
        """A speaker withdraws: all that they recorded is erased everywhere, and nothing more is asked of them."""
        erased = await self.hall.apart(self._withdraw, str(person.judge))
        self.hall.register.forget(*self.hall.register.replies(person.job, person=person.id))
        self.hall.keep(replace(person, consent=(), withdrawn=self.hall.now(), voice={}))
        if erased:
            self.hall.reread()  # nobody is asked to vote on what is gone
        return erased

    # ------------------------------------------------------------------------------------------------ clips

    def tokens(self, job: Job, item: Item) -> dict[int, str]:
        """Part -> the name under which its clip is sent; it tells nothing of the sample."""
        found = {}
        for n, part in enumerate(item.parts):
            if part.audio is not None:
                token = blinding.token(MatchId(f"{job.name}/{item.id}"), str(n), secret=self._key)
                found[n] = token
                self._tokens.setdefault(token, _Source(job.name, item.id, n, part.audio))
        return found

    async def clip(self, person: Person, token: str) -> Clip | None:
        """A clip of the person's job. What was sent before a restart has to be asked for again."""
        source = self._tokens.get(token)
        if source is None and person.job:
            job = self.job(person.job)
            for item in self.items(job):
                self.tokens(job, item)
            source = self._tokens.get(token)
        if source is None or source.job != person.job:
            return None
        await self.hall.playback.sent(person, token)
        return await self._clip(source.audio)

    async def _clip(self, hash: AudioHash) -> Clip:
        if hash not in self._clips:
            self._clips[hash] = await self.hall.apart(self._made, hash)
            while len(self._clips) > 64:
                del self._clips[next(iter(self._clips))]
        return self._clips[hash]

    def _made(self, hash: AudioHash) -> Clip:
        wave = self.hall.store.audio(hash)
        shown = ((0.0, wave.duration_s, "user"),)
        return Clip(wav=files.encode_wav(wave), duration_s=wave.duration_s, peaks=peaks(wave.samples), turns=shown)

    async def _all_clips(self, job: Job, item: Item) -> dict[str, Clip]:
        if job.listen <= 0.0:
            return {}
        return {str(n): await self._clip(p.audio) for n, p in enumerate(item.parts) if p.audio is not None}
