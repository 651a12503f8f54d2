"""The shapes of vote files: how each is recognised, and what turns it into system_a, system_b and winner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from s2s_arena.errors import InputError
from s2s_arena.rank.reading import public
from s2s_arena.rank.reading.public import Reading
from s2s_arena.rank.reading.tables import KEY

Turner = Callable[[pl.DataFrame, Reading], pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of file.

    Attributes:
        name: What users call it.
        needs: Columns by which it is recognised.
        turned: File's table -> table with at least system_a, system_b and winner; None keeps the columns.
        licence: What its publisher says of the data's licence.
    """

    name: str
    needs: tuple[str, ...]
    turned: Turner | None = None
    licence: str = "not stated"

    def recognises(self, columns: Sequence[str]) -> bool:
        """Whether all needed columns are there."""
        return set(self.needs) <= set(columns)


SHAPES: tuple[Shape, ...] = (
    Shape(name="pilot", needs=("chosen_model", "model_a", "model_b", "result"), turned=public.pilot),
    Shape(name="trace", needs=("index", "model_a", "model_b", "label", "instruction_path"), turned=public.trace),
    Shape(
        name="talk-arena",
        needs=("audio_hash", "outcome", "model_a", "model_b"),
        turned=public.talk_arena,
        licence="talk-arena: the repository is classified Apache",
    ),
    Shape(
        name="speakbench",
        needs=("data_ID", "model1", "model2", "preference"),
        turned=public.speakbench,
        licence="SpeakBench: MIT repository",
    ),
    Shape(
        name="audiojudge",
        needs=("model_name", "position1_prediction", "position2_prediction", "instruction_id"),
        turned=public.both_positions,
        licence="AudioJudge: MIT repository",
    ),
    Shape(
        name="audiojudge-pairs",
        needs=("audio1_path", "audio2_path", "prediction"),
        turned=public.labelled_pairs,
        licence="AudioJudge: MIT repository",
    ),
    Shape(
        name="lmsys",
        needs=("model_a", "model_b", "winner_model_a", "winner_model_b", "winner_tie"),
        turned=public.one_hot,
    ),
    Shape(name="lmsys", needs=("model_a", "model_b", "winner"), licence="each LMSYS release has its own licence"),
    Shape(name="matches", needs=("system_a", "system_b", "winner"), licence=""),
    Shape(name="table", needs=(), licence=""),
)
"""In the order they are tried; `matches` is our own match list, `table` anything with a column map."""

FORMATS: tuple[str, ...] = tuple(dict.fromkeys(shape.name for shape in SHAPES))


def shape_of(columns: Sequence[str], *, name: str | None, file: str) -> Shape:
    """The shape with that name, or without one the first that recognises the columns.

    Raises:
        InputError: An unknown name, or a shape that lacks its columns.
    """
    if name is None:
        return next(shape for shape in SHAPES if shape.recognises(columns))
    named = [shape for shape in SHAPES if shape.name == name]
    if not named:
        raise InputError(f"format {name}: not known; one of {', '.join(FORMATS)}")
    there = [shape for shape in named if shape.recognises(columns)]
    if not there:
        missing = [column for column in named[-1].needs if column not in columns]
        shown = ", ".join(column for column in columns if column != KEY)
        raise InputError(f"{file}: not of format {name}: no column {missing[0]}; it has {shown}")
    return there[0]
