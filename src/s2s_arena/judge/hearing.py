"""From a match to what a judge hears: the blinded sample, the user's speech and the two takes."""

from dataclasses import replace

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import StoreError
from s2s_arena.judge.comparison import Comparison, HeardTake, HeardTurn, blinded
from s2s_arena.judge.levels import Levels
from s2s_arena.protocols import Store
from s2s_arena.records.identity import TakeId, content_hash
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample, Suite


def comparison(match: Match, *, suite: Suite, store: Store, seed: int, levels: Levels | None = None) -> Comparison:
    """The match as its judge hears it.

    Args:
        match: Two takes in the order heard.
        suite: Where its sample is.
        store: Where takes, responses and audio are.
        seed: The study's seed; the comparison's own depends on it and on the match alone.
        levels: Gains, for judges that listen; without, all gains are 0 dB.

    Raises:
        StoreError: A take, response or waveform is missing.
    """
    sample = suite.sample(match.sample)
    first, second = heard(match.first, store=store), heard(match.second, store=store)
    if levels is not None:
        first = replace(first, gain_db=levels.system(match.first_system))
        second = replace(second, gain_db=levels.system(match.second_system))
    return Comparison(
        sample=blinded(sample),
        questions=_questions(sample, store),
        first=first,
        second=second,
        question_gain_db=levels.user() if levels is not None else 0.0,
        seed=int(content_hash("comparison", seed, match.id)[:8], 16),
    )


def take(id: TakeId, *, store: Store) -> Take:
    """The take of that id; StoreError if it is gone."""
    found = store.get(Take, id)
    if found is None:
        raise StoreError(f"take {id}: not in the store; run s2s-arena answer again")
    return found


def audible(take: Take, *, store: Store) -> bool:
    """Whether there is audio for every turn, be it silence."""
    responses = (store.get(Response, key) for key in take.responses)
    return all(response is not None and response.speech is not None for response in responses)


def heard(id: TakeId, *, store: Store) -> HeardTake:
    """A take as it is heard, without its system's name; StoreError if a part is gone."""
    whole = take(id, store=store)
    return HeardTake(turns=tuple(_turn(key, store) for key in whole.responses), failure=whole.failure)


def _turn(key: str, store: Store) -> HeardTurn:
    response = store.get(Response, key)
    if response is None:
        raise StoreError(f"response {key}: not in the store; run s2s-arena answer again")
    if response.speech is None:
        return HeardTurn(speech=None, audio=None, own_text=response.text)
    return HeardTurn(speech=store.audio(response.speech.hash), audio=response.speech, own_text=response.text)


def _questions(sample: Sample, store: Store) -> tuple[Waveform | None, ...]:
    return tuple(store.audio(turn.speech.hash) if turn.speech else None for turn in sample.turns)
