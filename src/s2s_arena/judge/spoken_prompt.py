"""The spoken prompt: instruction and both answers in one audio, told apart by spoken cues and silences."""

from collections.abc import Sequence

from s2s_arena.audio.joining import join
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.programme import Cue, Item, Said
from s2s_arena.judge.prompts.listening import ListeningPrompts
from s2s_arena.judge.spoken_cues import CueVoice

AFTER_CUE_S = 0.4
AFTER_SPEECH_S = 0.9
CEILING_DBFS = -0.5
LOWEST_RATE_HZ = 16000


def spliced(items: Sequence[Item], *, prompts: ListeningPrompts, voice: CueVoice) -> Waveform:
    """One audio of all that is announced and said.

    It has the highest native rate of what is said (16 kHz at least), so that no answer loses its treble; cues are
    resampled to it. If anything would clip, the whole is turned down by one gain, which moves no answer against
    another.

    Args:
        items: Of `programme`; unspoken ones are left out with their cues.
        prompts: Texts of the cues.
        voice: Speaks them.

    Raises:
        InputError: The voice cannot speak the cues.
    """
    waves: list[Waveform] = []
    gaps: list[float] = []
    rate_hz = common_rate(items)
    for place, item in enumerate(items):
        if isinstance(item, Said):
            waves.append(item.speech)
            gaps.append(AFTER_SPEECH_S)
        elif isinstance(item, Cue) and not _announces_nothing(items, place):
            waves.append(voice.say(getattr(prompts.cues, item.name), language=prompts.language))
            gaps.append(AFTER_SPEECH_S if item.name in ("silent", "end") else AFTER_CUE_S)
    return limited([join(waves, gaps[:-1], rate_hz=rate_hz)])[0]


def common_rate(items: Sequence[Item]) -> int:
    """The highest native rate among what is said, 16 kHz at least."""
    return max([LOWEST_RATE_HZ, *(item.speech.rate_hz for item in items if isinstance(item, Said))])


def separate(items: Sequence[Item]) -> dict[int, Waveform]:
    """Each thing said as an audio of its own, by its place among the items: all at one rate, by one gain."""
    rate_hz = common_rate(items)
    places = [place for place, item in enumerate(items) if isinstance(item, Said)]
    waves = limited([resample(item.speech, rate_hz) for item in items if isinstance(item, Said)])
    return dict(zip(places, waves, strict=True))


def limited(waves: Sequence[Waveform]) -> list[Waveform]:
    """The waveforms, all turned down by one gain if any of them peaks above -0.5 dBFS."""
    loudest = max((peak_dbfs(wave) for wave in waves), default=CEILING_DBFS)
    if loudest <= CEILING_DBFS:
        return list(waves)
    return [gain(wave, CEILING_DBFS - loudest) for wave in waves]


def _announces_nothing(items: Sequence[Item], place: int) -> bool:
    """Whether a cue stands before words that exist only in writing."""
    follows = items[place + 1] if place + 1 < len(items) else None
    return follows is not None and not isinstance(follows, (Cue, Said))
