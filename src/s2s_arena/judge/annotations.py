"""What instruments measured in an utterance, as lines of text for a judge that cannot hear."""

from collections.abc import Iterator

from s2s_arena.judge.prompts.listening import Notes
from s2s_arena.judge.trust import trusted
from s2s_arena.records.cues import Cues
from s2s_arena.records.samples import Sample

SPEECH_S = 0.15  # less is no speech
STRESSED_Z = 1.0
MOST_STRESSED = 3
EMOTION_FROM = 0.4
CLIPPED_FROM = 0.001  # share of samples


def words_line(cues: Cues | None, notes: Notes) -> str:
    """What was understood."""
    text = cues.transcript.text.strip() if cues and cues.transcript else ""
    return notes.words.format(text=text) if text else notes.no_words


def annotation(cues: Cues, notes: Notes, *, sample: Sample) -> tuple[str, ...]:
    """The words, and a line for each measurement there is; instruments that are not valid on the sample are left out.

    Args:
        cues: What was heard in an answer.
        notes: Forms of the lines.
        sample: What was asked: says where instruments may be believed.
    """
    return (words_line(cues, notes), *_measured(cues, notes, sample))


def _measured(cues: Cues, notes: Notes, sample: Sample) -> Iterator[str]:
    prosody = cues.prosody
    if cues.transcript and cues.transcript.text.strip():
        yield notes.language.format(language=cues.transcript.language)
    yield notes.duration.format(duration=prosody.duration_s, speech=prosody.speech_s)
    if prosody.speech_s < SPEECH_S:
        yield notes.silent
        return
    if prosody.syllables_per_s is not None:
        yield notes.rate.format(rate=prosody.syllables_per_s)
    if prosody.pauses:
        longest = max(span.end_s - span.start_s for span in prosody.pauses)
        yield notes.pauses.format(count=len(prosody.pauses), longest=longest)
    if prosody.f0_median_hz is not None and prosody.f0_range_st is not None:
        yield notes.pitch.format(median=prosody.f0_median_hz, range=prosody.f0_range_st)
    if prosody.intensity_dbfs is not None:
        yield notes.level.format(level=prosody.intensity_dbfs, spread=prosody.intensity_sd_db or 0.0)
    stressed = sorted(((z, word) for word, z in prosody.emphasis.items() if z >= STRESSED_Z), reverse=True)
    if stressed:
        yield notes.emphasis.format(words=", ".join(word for _, word in stressed[:MOST_STRESSED]))
    emotions = {key.removeprefix("emotion:"): p for key, p in cues.heads.items() if key.startswith("emotion:")}
    if emotions and max(emotions.values()) >= EMOTION_FROM:
        name = max(emotions, key=lambda emotion: emotions[emotion])
        yield notes.emotion.format(emotion=name, probability=emotions[name])
    if "expressive" in cues.heads:
        yield notes.expressive.format(value=cues.heads["expressive"])
    if cues.quality is not None and trusted("dnsmos", sample):
        yield notes.quality.format(mos=cues.quality.overall)
    if cues.checks.get("clipping_share", 0.0) > CLIPPED_FROM:
        yield notes.clipped
    if cues.checks.get("ends_abruptly", 0.0) > 0.0:
        yield notes.abrupt
