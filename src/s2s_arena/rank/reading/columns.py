"""Which column says what: names that vote files are known to use, and maps that users give."""

from collections.abc import Iterable, Mapping

from s2s_arena.errors import InputError

PAIRS: tuple[tuple[str, str], ...] = (
    ("system_a", "system_b"),
    ("model_a", "model_b"),
    ("model1", "model2"),
    ("model_1", "model_2"),
    ("system1", "system2"),
    ("system_1", "system_2"),
    ("player_a", "player_b"),
    ("left", "right"),
    ("first", "second"),
)
"""Columns of the two systems, the first pair that is there counts."""

WINNERS: tuple[str, ...] = (
    "winner", "preference", "preferred", "outcome", "verdict", "vote", "choice", "chosen", "result", "label",
)  # fmt: skip
JUDGES: tuple[str, ...] = (
    "judge", "judge_name", "worker", "worker_id", "annotator", "annotator_id", "rater", "rater_id", "voter",
    "evaluator", "user", "user_id",
)  # fmt: skip
SAMPLES: tuple[str, ...] = (
    "sample", "sample_id", "prompt", "prompt_id", "question_id", "data_id", "instruction_id", "item", "item_id",
    "audio_hash",
)  # fmt: skip
CARRIED: tuple[str, ...] = (
    "group", "level", "domain", "task", "language", "gender", "age", "accent", "noise", "purpose", "probability",
    "reason",
)  # fmt: skip
"""Columns that keep their name and meaning wherever they are found."""


def found(columns: Iterable[str], names: Iterable[str]) -> str | None:
    """The first of `names` that is a column, whatever its case; as the file spells it."""
    there = {column.strip().lower(): column for column in columns}
    return next((there[name] for name in names if name in there), None)


def detected(columns: Iterable[str]) -> dict[str, str]:
    """What each column is taken for: canonical name -> the file's name. Needed ones may be missing."""
    given = list(columns)
    made: dict[str, str] = {}
    for first, second in PAIRS:
        one, two = found(given, (first,)), found(given, (second,))
        if one is not None and two is not None:
            made["system_a"], made["system_b"] = one, two
            break
    for wanted, names in (("winner", WINNERS), ("judge", JUDGES), ("sample", SAMPLES)):
        name = found(given, names)
        if name is not None:
            made[wanted] = name
    for name in CARRIED:
        there = found(given, (name,))
        if there is not None:
            made[name] = there
    return made


def pairs_of(text: str, *, what: str) -> dict[str, str]:
    """A map as given on the command line: `winner=preference,judge=worker`.

    Raises:
        InputError: A part is not `name=value`.
    """
    made: dict[str, str] = {}
    for part in (part.strip() for part in text.split(",")):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not part:
            continue
        if not (sign and name and value):
            raise InputError(f"{what} {part}: not understood; give name=value, separated by commas")
        made[name] = value
    return made


def chosen(columns: Iterable[str], given: Mapping[str, str], *, file: str) -> dict[str, str]:
    """The detected map with the user's own entries in place of what was detected.

    Raises:
        InputError: A column that the file does not have.
    """
    there = list(columns)
    for wanted, name in given.items():
        if name not in there:
            raise InputError(f"{file}: no column {name} (named for {wanted}); it has {', '.join(there)}")
    return {**detected(there), **given}
