"""From judge cards to judges that hear or read whole comparisons: audio models, text minds on cues, panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from s2s_arena.compose.perception import Perception
from s2s_arena.errors import CardError
from s2s_arena.judge.canary import Canary
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.listening import MAX_TOKENS, ListeningJudge
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.panel import Member, PanelJudge
from s2s_arena.judge.presentations import Presentation
from s2s_arena.judge.prompts.listening import shipped
from s2s_arena.judge.spoken_cues import CueVoice
from s2s_arena.judge.text_reader import TextReader
from s2s_arena.models import registry
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import AudioReader, Store
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.systems import JudgeCard, Setting
from s2s_arena.retries import Retries

CUE_VOICES: dict[str, str] = {"en": "hibari", "zh": "kokoro-female"}
"""Voice cards that speak cues and canaries, by language: those whose words ears take for what they are."""

CANARY_EVERY = 25
OWN = frozenset(
    {"family", "presentation", "cue_voice", "canary", "temperature", "max_tokens", "ties", "retries", "seconds_a_match"}
)
"""Settings of the judge itself; the others are its reader's."""

MEMBERS = frozenset({"members", "reliability", "quorum", "unanimous", "seconds_a_match"})
ACCURACY = ("people", "subtle", "blatant")
"""Figures of a reliability record that say how often a judge is right, the most telling first."""


def audio_judge(card: JudgeCard, *, parts: Parts) -> Judge:
    """An audio model as a judge.

    Settings: family (openai-listen, gemini-generate, or one that an entry point registers), presentation (spoken or
    parts), cue_voice (a voice card, or a table of language to voice card), canary (decisions between two canaries, 0
    for none), temperature, max_tokens, ties, retries; all others go to the family.

    Raises:
        CardError: A setting of the wrong type, an unknown presentation or family.
        MissingError: The family's package or the voice is not here.
    """
    presentation = _presentation(card, Presentation.SPOKEN, audible=True)
    family = read.text(card.settings, "family")
    reader = cast(AudioReader, registry.build(family, _others(card), parts))
    voices = _cue_voices(card)
    voice = CueVoice(lambda language: parts.speaker(voices[language]), folder=parts.cache / "cues")
    every = _count(card, "canary", CANARY_EVERY, least=0)
    return _listening(
        card, reader, presentation=presentation, voice=voice, canary=Canary(voice, every=every) if every else None
    )


def text_judge(card: JudgeCard, *, parts: Parts, perception: Perception, store: Store) -> Judge:
    """A text mind as a judge of transcripts with measured cues.

    Settings: presentation (annotated or transcripts), mind (the weights of a local one) or what the family
    `openai-listen` takes (url, model, key_env, ...), temperature, max_tokens, ties, retries.

    Raises:
        CardError: A setting of the wrong type, or an audible presentation.
        MissingError: The mind or the ears are not here.
    """
    presentation = _presentation(card, Presentation.ANNOTATED, audible=False)
    others = _others(card)
    mind = others.pop("mind", None)
    if isinstance(mind, str):
        reader: AudioReader = TextReader(parts.writer(mind))
    else:
        reader = cast(AudioReader, registry.build("openai-listen", {"dialect": "text", **others}, parts))
    return _listening(
        card,
        reader,
        presentation=presentation,
        hearing=perception,
        notebook=Notebook(store),
    )


def panel(card: JudgeCard, *, named: Callable[[str], Judge], store: Store) -> Judge:
    """Several judges as one.

    Settings: members (names of judges' cards), reliability ("none", "stored" for what `judges validate` found, or a
    table of name to share of right verdicts), quorum, unanimous (any disagreement is left to people).

    Raises:
        CardError: A setting of the wrong type, or a member without a reliability.
    """
    read.check_keys("panel", card.settings, known=MEMBERS)
    names = card.settings.get("members")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CardError(f"judge {card.name}: settings.members is {names!r}; a list of judges' names is needed")
    members = []
    for name in map(str, names):
        judge = named(name)
        members.append(Member(name=name, judge=judge, reliability=_reliability(card, name, judge, store)))
    return PanelJudge(
        members,
        quorum=_count(card, "quorum", min(2, len(members)), least=1),
        unanimous=read.flag(card.settings, "unanimous", False),
        name=card.name,
    )


def _listening(
    card: JudgeCard,
    reader: AudioReader,
    *,
    presentation: Presentation,
    voice: CueVoice | None = None,
    hearing: Perception | None = None,
    notebook: Notebook | None = None,
    canary: Canary | None = None,
) -> ListeningJudge:
    return ListeningJudge(
        reader,
        prompts=shipped(),
        presentation=presentation,
        voice=voice,
        hearing=hearing,
        notebook=notebook,
        canary=canary,
        temperature=read.number(card.settings, "temperature", 0.0),
        max_tokens=_count(card, "max_tokens", MAX_TOKENS, least=1),
        ties=read.flag(card.settings, "ties", False),
        price=card.price,
        retries=Retries(attempts=_count(card, "retries", Retries().attempts, least=1)),
        name=card.name,
    )


def _others(card: JudgeCard) -> dict[str, Setting]:
    return {key: value for key, value in card.settings.items() if key not in OWN}


def _cue_voices(card: JudgeCard) -> dict[str, str]:
    given = card.settings.get("cue_voice", {})
    if isinstance(given, str):
        return dict.fromkeys(CUE_VOICES, given)
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in given.values()):
        raise CardError(f"judge {card.name}: settings.cue_voice is {given!r}; the name of a voice card is needed")
    for language in given:
        if language not in CUE_VOICES:
            raise CardError(f"judge {card.name}: settings.cue_voice.{language}: cues are in {', '.join(CUE_VOICES)}")
    return CUE_VOICES | {language: str(name) for language, name in given.items()}


def _presentation(card: JudgeCard, default: Presentation, *, audible: bool) -> Presentation:
    given = read.text(card.settings, "presentation", default)
    fitting = [presentation for presentation in Presentation if presentation.audible is audible]
    if given not in fitting:
        raise CardError(
            f"judge {card.name}: settings.presentation is {given!r}; {card.model} takes {' or '.join(fitting)}"
        )
    return Presentation(given)


def _count(card: JudgeCard, key: str, default: int, *, least: int) -> int:
    value = read.number(card.settings, key, default)
    if value < least or value != int(value):
        raise CardError(f"judge {card.name}: settings.{key} is {value:g}; a whole number from {least} is needed")
    return int(value)


def _reliability(card: JudgeCard, name: str, judge: Judge, store: Store) -> float | None:
    given = card.settings.get("reliability", "none")
    if given == "none":
        return None
    if isinstance(given, dict):
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
            raise CardError(f"judge {card.name}: settings.reliability.{name} is {value!r}; a share 0..1 is needed")
        return float(value)
    if given != "stored":
        raise CardError(f"judge {card.name}: settings.reliability is {given!r}; none, stored or a table is needed")
    for record in reversed(list(store.all(JudgeReliability, judge=name, judge_version=judge.identity))):
        for figure in ACCURACY:
            if figure in record.figures:
                return record.figures[figure][0]
    raise CardError(f"judge {card.name}: no reliability of {name} is stored; run s2s-arena judges validate {name}")
