"""Whether a suite may be published: licences known, consent given and not withdrawn, review recorded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from s2s_arena.build.publishing.licences import refusal, spdx, strictest
from s2s_arena.build.review.freezing import is_frozen
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import AudioHash
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Consent

PURPOSE = "publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a suite may be published under."""

    licence: str  # SPDX, the strictest inside
    counts: Mapping[str, int]  # SPDX -> samples
    of: Mapping[str, str]  # sample id -> SPDX of its scripts, recording and voice together


def rights(suite: Suite, *, consents: Iterable[Consent], voices: Mapping[str, str], draft: bool = False) -> Rights:
    """The licence that the suite inherits.

    Args:
        suite: To be published.
        consents: Of speakers, withdrawals among them.
        voices: Voice name -> licence of its speech; a synthetic voice binds what it says.
        draft: Publish although no review is recorded.

    Raises:
        SuiteError: It is not frozen, nothing is spoken, or audio of unknown licence or without consent is in it;
            the message names the first sample and says how many there are.
    """
    if not is_frozen(suite) and not draft:
        raise SuiteError(
            f"suite {suite.name} version {suite.version}: no review is recorded; run s2s-arena suite review --freeze, "
            "or publish it with --draft, which its card will say"
        )
    if not any(turn.speech for sample in suite.samples for turn in sample.turns):
        raise SuiteError(f"suite {suite.name}: none of its samples is spoken; build it first")
    given = list(consents)
    withdrawn = {consent.audio for consent in given if consent.withdrawn}
    allowed = {consent.audio: consent.purposes for consent in given if not consent.withdrawn}
    faults = []
    found: dict[str, str] = {}
    for sample in suite.samples:
        why = _against(sample, withdrawn=withdrawn, allowed=allowed, voices=voices)
        if why:
            faults.append(f"sample {sample.id}: {why}")
            continue
        spoken_by = {turn.voice for turn in sample.turns if turn.voice is not None}
        parts = [sample.provenance.licence, *(voices[voice] for voice in sorted(spoken_by) if voice in voices)]
        found[sample.id] = strictest(parts)
    if faults:
        more = f" (and {len(faults) - 1} more samples)" if len(faults) > 1 else ""
        raise SuiteError(f"suite {suite.name}: {faults[0]}{more}; nothing was published")
    return Rights(
        licence=strictest([*found.values(), suite.licence] if spdx(suite.licence) else found.values()),
        counts=dict(Counter(found.values()).most_common()),
        of=found,
    )


def _against(
    sample: Sample,
    *,
    withdrawn: set[AudioHash],
    allowed: Mapping[AudioHash, tuple[str, ...]],
    voices: Mapping[str, str],
) -> str:
    source = sample.provenance
    why = refusal(source.licence)
    if why:
        return f"{why}; import it again with --licence NAME"
    if PURPOSE not in source.consent:
        given = ", ".join(source.consent) or "nothing"
        return f"its speaker consents to {given}, not to publication; ask them, or withdraw it"
    for turn in sample.turns:
        if turn.voice is not None and turn.voice in voices:
            why = refusal(voices[turn.voice])
            if why:
                return f"voice {turn.voice}: {why}; say so in its card, or use another voice"
        if turn.speech is None:
            continue
        if turn.speech.hash in withdrawn:
            return "its speaker has withdrawn; run s2s-arena suite withdraw"
        purposes = allowed.get(turn.speech.hash)
        if purposes is not None and PURPOSE not in purposes:
            return f"its speaker consents to {', '.join(purposes) or 'nothing'}, not to publication; ask them"
    return ""
