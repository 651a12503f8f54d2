"""A voice that reads what a remote system only writes."""

from collections.abc import Callable

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import EmptyAnswer
from s2s_arena.models.cascade import clean, written_language
from s2s_arena.models.phonemes import primary, speakable
from s2s_arena.protocols import Speaker
from s2s_arena.records.speech import Segment, Utterance


class Reader:
    """Reads replies plainly.

    Args:
        load: Gives the voice, each time the same one; its models load when it first speaks.
    """

    def __init__(self, load: Callable[[], Speaker]) -> None:
        self._load = load

    @property
    def identity(self) -> str:
        """Of the voice."""
        return self._load().identity

    def read(self, text: str, *, seed: int, who: str) -> Waveform:
        """The words spoken, markup left out.

        Raises:
            EmptyAnswer: There is nothing that this voice can say.
        """
        voice = self._load()
        words = clean(text)
        language = written_language(words, "en")
        if not speakable(words) or primary(language) not in voice.languages:
            spoken = ", ".join(sorted(voice.languages))
            raise EmptyAnswer(f"{who}: it wrote {words[:60]!r}, which a voice of {spoken} cannot say")
        return voice.speak(Utterance(segments=(Segment(text=words, language=language),)), seed=seed)
