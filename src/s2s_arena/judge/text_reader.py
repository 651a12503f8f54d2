"""A text mind where an audio model is expected: for presentations in writing."""

from collections.abc import Mapping, Sequence

from s2s_arena.errors import InputError
from s2s_arena.protocols import HeardMessage, Message, Reading, Writer


class TextReader:
    """Implements `protocols.AudioReader` for messages without audio.

    Args:
        writer: The mind.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @property
    def identity(self) -> str:
        return self._writer.identity

    def read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        """The mind's reply; InputError for a message with audio in it."""
        chat = [Message(role=message.role, content=_text(message)) for message in messages]
        text = self._writer.write(chat, seed=seed, temperature=temperature, max_tokens=max_tokens, schema=schema)
        return Reading(text=text)


def _text(message: HeardMessage) -> str:
    for part in message.parts:
        if not isinstance(part, str):
            raise InputError("text judge: audio given, which a text mind cannot hear; use transcripts or annotated")
    return "\n".join(part for part in message.parts if isinstance(part, str))
