"""What the style of answers wins apart from what they say: length, loudness, silence, pace, being heard first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.games import DURATION, FEATURES, LEAD, LOUDNESS, PACE, Games
from s2s_arena.errors import InputError
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.style import StyleEffect, contrast, loudness_contrast, style_control
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash, SystemName, TakeId
from s2s_arena.records.responses import Response, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """One system's rating without and with style control."""

    plain: float
    rating: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What style is worth, and the board at equal style.

    Attributes:
        effects: One a feature, `heard_first` last.
        systems: By name, best controlled rating first.
        matches: How many it rests on.
    """

    effects: tuple[StyleEffect, ...]
    systems: Mapping[SystemName, Controlled]
    matches: int


def style(games: Games, *, clusters: Sequence[str] = ()) -> Style:
    """The board at equal style.

    Args:
        games: With `features`; features that no answer has are left out.
        clusters: One kind of cluster (sample or judge) that coefficients allow for.

    Raises:
        InputError: Not one feature is known of the answers.
    """
    known = {
        name: values
        for name, values in games.features.items()
        if name in FEATURES and np.isfinite(values).all(axis=1).any()
    }
    if not known:
        raise InputError(
            "style control: no length, loudness, silence or pace is known of these answers; a workspace measures them "
            f"when it judges, a file needs columns such as {DURATION}_a and {DURATION}_b"
        )
    contrasts = {
        name: (loudness_contrast if name == LOUDNESS else contrast)(values[:, 0], values[:, 1])
        for name, values in known.items()
    }
    codes = games.label(clusters[0]).codes if clusters else None
    fit = style_control(games.pairs, games.scores, systems=len(games.systems), features=contrasts, clusters=codes)
    half = z_value(fit.level) * np.sqrt(np.clip(np.diag(fit.covariance), 0.0, None))
    order = np.argsort(-fit.ratings, kind="stable")
    return Style(
        effects=fit.effects,
        systems={
            games.systems[i]: Controlled(
                plain=float(fit.plain[i]),
                rating=float(fit.ratings[i]),
                low=float(fit.ratings[i] - half[i]),
                high=float(fit.ratings[i] + half[i]),
            )
            for i in order
        },
        matches=fit.matches,
    )


def measured(
    pairs: Sequence[tuple[TakeId, TakeId]],
    *,
    takes: Mapping[TakeId, Take],
    responses: Mapping[str, Response],
    cues: Mapping[AudioHash, Cues],
) -> dict[str, NDArray[np.float64]]:
    """Features of the takes heard first and second in each game, shape (games, 2); NaN where not known.

    Lengths of turns add up; the silence is that before the first turn's answer; loudness and pace are means over
    turns.
    """
    of_take = {id: _features(takes[id], responses, cues) for id in {id for pair in pairs for id in pair} if id in takes}
    nothing = dict.fromkeys(FEATURES, np.nan)
    return {
        name: np.array([[of_take.get(id, nothing)[name] for id in pair] for pair in pairs], dtype=np.float64).reshape(
            -1, 2
        )
        for name in FEATURES
    }


def _features(take: Take, responses: Mapping[str, Response], cues: Mapping[AudioHash, Cues]) -> dict[str, float]:
    turns = [responses[key] for key in take.responses if key in responses]
    spoken = [turn.speech for turn in turns if turn.speech is not None]
    heard = [cues[speech.hash].prosody for speech in spoken if speech.hash in cues]
    whole = bool(turns) and len(spoken) == len(turns)
    return {
        DURATION: sum(speech.duration_s for speech in spoken) if whole else np.nan,
        LOUDNESS: _mean([prosody.intensity_dbfs for prosody in heard]),
        LEAD: heard[0].lead_s if heard else np.nan,
        PACE: _mean([prosody.syllables_per_s for prosody in heard]),
    }


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else np.nan
