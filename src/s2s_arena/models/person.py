"""The family of contestants who are people: their answers are recorded in the browser, so none can be loaded."""

from collections.abc import Mapping

from s2s_arena.errors import MissingError
from s2s_arena.models.parts import Parts
from s2s_arena.records.systems import Setting


def build(settings: Mapping[str, Setting], parts: Parts) -> object:
    """Always raises MissingError, which says how people answer."""
    raise MissingError("person: people answer in the browser; run s2s-arena serve and make a job of kind answer")
