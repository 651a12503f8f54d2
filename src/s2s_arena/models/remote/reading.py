"""A voice that reads what a remote system only writes."""

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import EmptyAnswer
from s2s_arena.models.cascade import clean, written_language
from s2s_arena.models.phonemes import primary, speakable
from s2s_arena.protocols import Speaker
from s2s_arena.records.speech import Segment, Utterance


class Reader:
    """Reads replies plainly.

    Args:
        voice: Speaks.
    """

    def __init__(self, voice: Speaker) -> None:
        self._voice = voice

    @property
    def identity(self) -> str:
        """Of the voice."""
        return self._voice.identity

    def read(self, text: str, *, seed: int, who: str) -> Waveform:
        """The words spoken, markup left out.

        Raises:
            EmptyAnswer: There is nothing that this voice can say.
        """
        words = clean(text)
        language = written_language(words, "en")
        if not speakable(words) or primary(language) not in self._voice.languages:
            spoken = ", ".join(sorted(self._voice.languages))
            raise EmptyAnswer(f"{who}: it wrote {words[:60]!r}, which a voice of {spoken} cannot say")
        return self._voice.speak(Utterance(segments=(Segment(text=words, language=language),)), seed=seed)
