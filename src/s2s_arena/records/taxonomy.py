"""The paper's taxonomy, kept as data: four levels, four domains, nineteen seed tasks."""

from enum import StrEnum


class Level(StrEnum):
    """The four-level protocol, a 2x2 of what a system must perceive and what it must express."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"

    @property
    def perceives(self) -> bool:
        """The system must perceive paralinguistic information in the input (L2, L4)."""
        return self in (Level.L2, Level.L4)

    @property
    def expresses(self) -> bool:
        """The system must express paralinguistic information in the output (L3, L4)."""
        return self in (Level.L3, Level.L4)


class LevelScheme(StrEnum):
    """How a file names its levels: `paper` is L1-L4; `v1`, the first public files, is L0-L3."""

    PAPER = "paper"
    V1 = "v1"


DOMAINS: tuple[str, ...] = ("education", "social", "entertainment", "medical")

SEED_TASKS: dict[str, str] = {
    "pronunciation_correction": "education",
    "emphasis_control": "education",
    "rhythm_control": "education",
    "polyphonic_words": "education",
    "pause_and_segmentation": "education",
    "cross_lingual_emotional_translation": "education",
    "language_consistency": "education",
    "implication_understanding": "social",
    "sarcasm_detection": "social",
    "identity_based_response": "social",
    "emotion_recognition_and_expression": "social",
    "singing": "entertainment",
    "natural_sound_simulation": "entertainment",
    "poetry_recitation": "entertainment",
    "role_playing": "entertainment",
    "storytelling": "entertainment",
    "tongue_twisters": "entertainment",
    "stand_up_comedy": "entertainment",
    "health_consultation": "medical",
}
"""Seed task -> domain."""
