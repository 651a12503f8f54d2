"""Which instruments may be believed on the answers to a sample: `cues.validity`, asked with what the sample expects."""

from s2s_arena.cues import validity
from s2s_arena.records.samples import Sample

TASK_OF_STYLE = {"whisper": "whisper", "sing": "singing", "sound": "natural_sound_simulation"}
"""A style that an answer must show puts it where that style's task is, whatever its own task is called."""


def distrust(instrument: str, sample: Sample) -> str | None:
    """Why the instrument must not be believed there; None if it may.

    Raises:
        KeyError: No such instrument.
    """
    asked = [e.want for e in sample.expects if e.cue == "style"]
    tasks: list[str | None] = [TASK_OF_STYLE[style] for style in asked if style in TASK_OF_STYLE]
    tasks += [task for task in (sample.seed_task, sample.task) if task]
    reasons = (validity.reason(instrument, level=sample.level, task=task) for task in tasks or [None])
    return next((reason for reason in reasons if reason), None)


def trusted(instrument: str, sample: Sample) -> bool:
    """Whether the instrument may be believed there."""
    return distrust(instrument, sample) is None
