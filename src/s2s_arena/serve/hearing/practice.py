"""Practice items whose right answer is certain by how they are made, with the reason told afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.audio.activity import active_mean_square
from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import Store
from s2s_arena.records.identity import content_hash
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample
from s2s_arena.serve.hearing.clips import USER, Clip, Policy, assemble, pieces

SNR_DB = 6.0
HOLE_S, EVERY_S = 0.12, 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One practice comparison.

    Attributes:
        id: Among a language's items.
        sample: What is asked.
        right: `first` or `second`.
        reason: Key of the text that explains it.
        clips: instruction, first and second.
    """

    id: str
    sample: Sample
    right: str
    reason: str
    clips: dict[str, Clip]


def items(
    samples: Sequence[Sample], takes: Sequence[Take], *, store: Store, policy: Policy, token: str
) -> tuple[Item, ...]:
    """Two items: one answer belongs to another request; one answer is the other with noise and holes.

    Args:
        samples: Those in a listener's languages.
        takes: Of any system.
        store: Where the audio is.
        policy: Rate and gains.
        token: Makes the clips' names and last bits.

    Returns:
        Fewer than two where there is too little to make them of.
    """
    spoken = {s.id: s for s in samples if s.turns and s.turns[0].speech is not None}
    good = sorted((t for t in takes if t.failure is None and t.sample in spoken), key=lambda t: t.id)
    if not good:
        return ()
    rng = np.random.default_rng(int(content_hash("practice", token)[:12], 16))
    made: list[Item] = []
    right = good[int(rng.integers(len(good)))]
    sample = spoken[right.sample]
    elsewhere = [t for t in good if t.system == right.system and _unlike(spoken[t.sample], sample)]
    if elsewhere:
        wrong = elsewhere[int(rng.integers(len(elsewhere)))]
        sides = [_joined(sample, right, store, policy), _joined(spoken[wrong.sample], wrong, store, policy)]
        made.append(_item("0", sample, sides, reason="practice_other_request", policy=policy, store=store, token=token))
    whole = _joined(sample, right, store, policy)
    sides = [whole, spoilt(whole, rng=rng)]
    made.append(_item("1", sample, sides, reason="practice_noise", policy=policy, store=store, token=token))
    return tuple(made)


def spoilt(wave: Waveform, *, rng: np.random.Generator) -> Waveform:
    """The same with white noise 6 dB below the speech, and a hole of 120 ms every .7 s."""
    level = active_mean_square(wave) or 1e-6
    noise = rng.standard_normal(wave.frames) * np.sqrt(level * 10.0 ** (-SNR_DB / 10.0))
    times = np.arange(wave.frames) / wave.rate_hz
    heard = (times % EVERY_S) >= HOLE_S
    return Waveform(np.clip(wave.samples * heard + noise, -1.0, 1.0).astype(np.float32), wave.rate_hz)


def _item(
    id: str, sample: Sample, sides: Sequence[Waveform], *, reason: str, policy: Policy, store: Store, token: str
) -> Item:
    swap = int(content_hash("practice side", token, id)[:2], 16) % 2 == 1
    first, second = (sides[1], sides[0]) if swap else (sides[0], sides[1])
    asked = pieces(sample, None, store=store)
    waves = [policy.even(store.audio(piece.audio), USER) for piece in asked]
    parts = {
        "instruction": [(wave.samples, USER) for wave in waves],
        "first": [(first.samples, "answer")],
        "second": [(second.samples, "answer")],
    }
    clips = {name: assemble(part, policy, token=f"{token}/{id}/{name}") for name, part in parts.items()}
    return Item(id=id, sample=sample, right="second" if swap else "first", reason=reason, clips=clips)


def _joined(sample: Sample, take: Take, store: Store, policy: Policy) -> Waveform:
    """The take's last answer: enough to practise on."""
    own = [piece for piece in pieces(sample, take, store=store) if piece.source != USER]
    return policy.even(store.audio(own[-1].audio), take.system)


def _unlike(sample: Sample, other: Sample) -> bool:
    same_words = sample.twin_group is not None and sample.twin_group == other.twin_group
    return sample.id != other.id and sample.language == other.language and not same_words
