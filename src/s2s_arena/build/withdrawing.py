"""A speaker withdraws: their audio is erased, a tombstone stays, and every suite they are in gets a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from s2s_arena.errors import SuiteError
from s2s_arena.protocols import AudioEraser, Store
from s2s_arena.records.identity import AudioHash, SampleId, content_hash
from s2s_arena.records.samples import Sample, Spoken, Suite
from s2s_arena.records.scores import Consent

SPEAKER = "speaker"
"""Attribute of a sample that names who speaks in it, by a pseudonym."""

_STONE = "withdrawn:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a withdrawal did."""

    suites: tuple[Suite, ...]  # new versions, without the speaker
    emptied: tuple[str, ...]  # suites in which nobody else speaks; they have no new version
    samples: tuple[SampleId, ...]  # that are withdrawn
    lone_twins: tuple[SampleId, ...]  # samples whose twin is gone
    erased: int  # waveforms and originals that were there and are no more


def withdraw(speaker: str, *, store: Store, eraser: AudioEraser, at: str) -> Withdrawal:
    """Erases all audio of a speaker from the workspace; run again, it finishes what was stopped.

    The tombstones are `Consent` records that say when each waveform was withdrawn: earlier versions of a suite
    still name it, and importing it again is refused. Copies that were published or sent to reviewers are
    beyond reach: their holders must be told.

    Args:
        speaker: As in the samples' attribute `speaker` or in a consent.
        store: Of the workspace.
        eraser: The same store.
        at: ISO 8601 date or time of the withdrawal.

    Raises:
        SuiteError: Nobody of that name speaks in any suite.
        StoreError: Audio could not be erased.
    """
    suites = list(store.all(Suite))
    given = list(store.all(Consent, speaker=speaker))
    audio = _audio(speaker, suites)
    for consent in given:
        audio.setdefault(consent.audio, None)
    if not audio:
        known = sorted({s.attributes[SPEAKER] for suite in suites for s in suite.samples if SPEAKER in s.attributes})
        raise SuiteError(f"speaker {speaker!r}: speaks in no suite; known speakers: {', '.join(known[:20]) or 'none'}")
    for spoken in store.all(Spoken):
        if spoken.speech.hash in audio or spoken.clean.hash in audio:
            audio.setdefault(spoken.speech.hash, None)
            audio.setdefault(spoken.clean.hash, None)
    latest = {suite.name: suite for suite in suites}
    changed, emptied, gone, lone = [], [], [], []
    for suite in latest.values():
        out = [sample for sample in suite.samples if _speaks(speaker, sample, audio)]
        if not out:
            continue
        gone += [sample.id for sample in out]
        left = tuple(sample for sample in suite.samples if sample not in out)
        if not left:
            emptied.append(suite.name)
            continue
        groups = {sample.twin_group for sample in out} - {None}
        lone += [sample.id for sample in left if sample.twin_group in groups]
        changed.append(_without(suite, left, out, at=at))
    already = {consent.audio for consent in given if consent.withdrawn}
    stones = [
        Consent(audio=hash, speaker=speaker, purposes=(), text_version="", at=at, withdrawn=True)
        for hash in audio
        if hash not in already
    ]
    # Tombstones first: stopped in between, the audio counts as withdrawn and the next run erases it.
    store.put(*stones, *changed)
    erased = sum(eraser.erase_audio(hash, original=original) for hash, original in audio.items())
    return Withdrawal(
        suites=tuple(changed),
        emptied=tuple(emptied),
        samples=tuple(dict.fromkeys(gone)),
        lone_twins=tuple(lone),
        erased=erased,
    )


def tombstones(suite: Suite) -> tuple[str, ...]:
    """One line for each sample that was withdrawn from a suite: its id and when."""
    return tuple(
        f"{key.removeprefix(_STONE)} ({at})" for key, at in sorted(suite.build.items()) if key.startswith(_STONE)
    )


def _audio(speaker: str, suites: Sequence[Suite]) -> dict[AudioHash, str | None]:
    """Hash -> original, of all that the speaker says in any version of any suite."""
    return {
        turn.speech.hash: turn.speech.original
        for suite in suites
        for sample in suite.samples
        if sample.attributes.get(SPEAKER) == speaker
        for turn in sample.turns
        if turn.speech is not None
    }


def _speaks(speaker: str, sample: Sample, audio: Mapping[AudioHash, str | None]) -> bool:
    named = sample.attributes.get(SPEAKER) == speaker
    return named or any(turn.speech is not None and turn.speech.hash in audio for turn in sample.turns)


def _without(suite: Suite, left: tuple[Sample, ...], out: Sequence[Sample], *, at: str) -> Suite:
    digest = content_hash("withdrawn", suite.hash, [sample.id for sample in out])
    return replace(
        suite,
        samples=left,
        version=f"{suite.version}-withdrawn-{digest[:8]}",
        build={**suite.build, **{f"{_STONE}{sample.id}": at for sample in out}},
    )
