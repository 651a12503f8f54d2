"""The named ways in which a comparison reaches a model: one recording, separate parts, transcripts, annotated ones."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.annotations import annotation, words_line
from s2s_arena.judge.comparison import Comparison
from s2s_arena.judge.programme import Cue, Item, Said, Unspoken, programme
from s2s_arena.judge.prompts.listening import ListeningPrompts
from s2s_arena.judge.spoken_cues import CueVoice
from s2s_arena.judge.spoken_prompt import separate, spliced
from s2s_arena.protocols import HeardMessage
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import content_hash


class Presentation(StrEnum):
    """What the judge gets."""

    SPOKEN = "spoken"  # the paper's: one audio with spoken cues
    PARTS = "parts"  # one audio for each thing said, with written labels between
    TRANSCRIPTS = "transcripts"  # words alone: a control, or a judge of content
    ANNOTATED = "annotated"  # words and what was measured of their delivery

    @property
    def audible(self) -> bool:
        """Whether there is audio in it."""
        return self in (Presentation.SPOKEN, Presentation.PARTS)


Hear = Callable[[Said], Cues]
"""What instruments hear in one thing said."""


def presented(
    comparison: Comparison,
    presentation: Presentation,
    *,
    prompts: ListeningPrompts,
    voice: CueVoice | None = None,
    hear: Hear | None = None,
    ties: bool = False,
) -> tuple[HeardMessage, ...]:
    """The messages that put a comparison before a model.

    Args:
        comparison: What is compared; whole dialogues where there are several turns.
        presentation: How.
        prompts: The texts.
        voice: Speaks cues; needed for `SPOKEN`.
        hear: Instruments; needed for transcripts and annotations.
        ties: Whether the model may find neither better.

    Raises:
        ValueError: Voice or instruments are missing.
        InputError: Cues cannot be spoken.
    """
    items = programme(comparison)
    ask = prompts.ask
    body: list[str | Waveform]
    if presentation is Presentation.SPOKEN:
        if voice is None:
            raise ValueError("a spoken prompt needs a voice for its cues")
        body = [spliced(items, prompts=prompts, voice=voice)]
        body = [*(ask.unspoken.format(script=i.script) for i in items if isinstance(i, Unspoken)), *body]
    elif presentation is Presentation.PARTS:
        audio = separate(items)
        body = [audio[place] if place in audio else _label(item, prompts) for place, item in enumerate(items)]
    else:
        if hear is None:
            raise ValueError("transcripts need ears")
        annotated = presentation is Presentation.ANNOTATED
        body = ["\n".join(_written(items, comparison, prompts=prompts, hear=hear, annotated=annotated))]
    conversation = len(comparison.questions) > 1
    form = f"{presentation.value}_conversation" if conversation and presentation.audible else presentation.value
    lead = [getattr(ask, form)]
    if comparison.sample.guideline:
        lead.append(ask.guideline.format(guideline=comparison.sample.guideline))
    end = [ask.criteria, ask.choose_tie if ties else ask.choose, ask.format_tie if ties else ask.format]
    return (
        HeardMessage(role="system", parts=(ask.system,)),
        HeardMessage(role="user", parts=_joined(["\n".join(lead), *body, "\n".join(end)])),
    )


def prompt_hash(messages: Sequence[HeardMessage], *made_of: object) -> str:
    """Content hash of messages, audio by its own hash, and of whatever else the reply depends on."""
    parts = [
        [message.role, [part if isinstance(part, str) else {"audio": part.hash()} for part in message.parts]]
        for message in messages
    ]
    return content_hash("listening-prompt", parts, *made_of)


def _label(item: Item, prompts: ListeningPrompts) -> str:
    if isinstance(item, Unspoken):
        return prompts.ask.unspoken.format(script=item.script)
    return str(getattr(prompts.labels, item.name)) if isinstance(item, Cue) else ""


def _written(
    items: Sequence[Item], comparison: Comparison, *, prompts: ListeningPrompts, hear: Hear, annotated: bool
) -> list[str]:
    """The same programme in writing. The user's words are known; only answers are listened to."""
    lines: list[str] = []
    for item in items:
        if isinstance(item, Said) and item.who != "user":
            cues = hear(item)
            lines += annotation(cues, prompts.notes, sample=comparison.sample) if annotated else []
            lines += [] if annotated else [words_line(cues, prompts.notes)]
        elif isinstance(item, Cue):
            lines.append(_label(item, prompts))
        else:
            turn = comparison.sample.turns[item.turn]
            lines.append(prompts.notes.words.format(text=turn.script))
            labels = ", ".join(f"{name} {value}" for name, value in sorted(turn.labels.items()))
            if annotated and labels:
                lines.append(prompts.notes.labels.format(labels=labels))
    return lines


def _joined(parts: Sequence[str | Waveform]) -> tuple[str | Waveform, ...]:
    """Neighbouring texts made one."""
    made: list[str | Waveform] = []
    for part in parts:
        if isinstance(part, str) and made and isinstance(made[-1], str):
            made[-1] = f"{made[-1]}\n{part}"
        else:
            made.append(part)
    return tuple(made)
