"""From rows to samples: ids, turns, taxonomy and audio checked, every fault one line that names its row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.importing.folder import clean_id
from s2s_arena.build.importing.rows import Clip, Permission, Row
from s2s_arena.build.importing.taxonomies import UNDETERMINED, domain_of, language_of, level_of, task_of
from s2s_arena.build.withdrawing import SPEAKER
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Provenance, Sample, Turn
from s2s_arena.records.taxonomy import LevelScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A sample whose speech is not stored yet, with the audio of each of its turns."""

    sample: Sample
    clips: tuple[Clip | None, ...]
    speaker: str = ""
    permission: Permission | None = None


def drafts(
    rows: Iterable[Row], *, scheme: LevelScheme, language: str, provenance: Provenance
) -> tuple[list[Draft], list[str]]:
    """Samples in the order in which their ids first appear, and what stands against the others.

    A dialogue with one bad turn is left out whole: its later turns would answer to something nobody said.

    Args:
        rows: In the source's order.
        scheme: How levels are named.
        language: For rows that state none.
        provenance: Of all samples.
    """
    problems: list[str] = []
    groups: dict[str, list[Row]] = {}
    for row in rows:
        id = clean_id(row.id)
        if not id:
            problems.append(f"{row.where}: id {row.id!r} has no letter or digit; give it another")
            continue
        earlier = groups.setdefault(id, [])
        twin = next((e for e in earlier if e.turn is None or row.turn is None or e.turn == row.turn), None)
        if twin is None:
            earlier.append(row)
            continue
        which = f"id {row.id!r}" if row.turn is None else f"id {row.id!r} turn {row.turn}"
        problems.append(f"{row.where}: duplicate {which}, first given in {twin.where}; rename or remove one")
    made: list[Draft] = []
    for id, group in groups.items():
        try:
            made.append(_draft(SampleId(id), group, scheme=scheme, language=language, provenance=provenance))
        except ValueError as error:
            problems.append(str(error))
    return made, problems


def decode(clip: Clip) -> tuple[Waveform, bytes]:
    """The clip's waveform and its bytes as given; AudioError names the clip."""
    if isinstance(clip.content, bytes):
        return files.read(clip.content, name=clip.name), clip.content
    return files.read_with_original(clip.content, name=clip.name)


def _draft(id: SampleId, group: list[Row], *, scheme: LevelScheme, language: str, provenance: Provenance) -> Draft:
    ordered = sorted(group, key=lambda row: row.turn or 0)
    first = ordered[0]
    places = [row.turn for row in ordered if row.turn is not None]
    if places and (places[0] > 1 or places != list(range(places[0], places[0] + len(places)))):
        raise ValueError(f"{first.where}: id {first.id!r} has turns {places}; number them from 1 without gaps")
    turns = tuple(_turn(row, language) for row in ordered)
    try:
        level = level_of(_agreed(ordered, "level"), scheme)
        task, seed_task = task_of(_agreed(ordered, "task"))
        domain = domain_of(_agreed(ordered, "domain"), seed_task=seed_task)
        guideline, twin_group = _agreed(ordered, "guideline"), _agreed(ordered, "twin_group")
        licence, speaker = _agreed(ordered, "licence"), _agreed(ordered, "speaker")
    except ValueError as error:
        raise ValueError(f"{first.where}: {error}") from error
    sample = Sample(
        id=id, language=turns[0].language, turns=turns, level=level, domain=domain, task=task, seed_task=seed_task,
        guideline=guideline, twin_group=twin_group or None,
        provenance=_provenance(provenance, licence=licence, permission=first.permission),
        references=first.references, choices=first.choices,
        attributes={name: value for row in reversed(ordered) for name, value in row.attributes.items()}
        | ({SPEAKER: speaker} if speaker else {}),
    )  # fmt: skip
    return Draft(sample=sample, clips=tuple(row.audio for row in ordered), speaker=speaker, permission=first.permission)


def _provenance(common: Provenance, *, licence: str, permission: Permission | None) -> Provenance:
    made = replace(common, licence=licence) if licence else common
    return made if permission is None else replace(made, consent=permission.purposes)


def _turn(row: Row, language: str) -> Turn:
    try:
        tag = language_of(row.language)
    except ValueError as error:
        raise ValueError(f"{row.where}: {error}") from error
    return Turn(
        script=row.text,
        language=language if tag == UNDETERMINED else tag,
        labels=dict(row.labels),
        traits=row.traits,
    )


def _agreed(rows: list[Row], field: str) -> str:
    """What the turns of one sample say of the whole: the one value given."""
    given = list(dict.fromkeys(value for row in rows if (value := getattr(row, field))))
    if len(given) > 1:
        raise ValueError(f"turns of id {rows[0].id!r} disagree on {field} ({given[0]!r}, {given[1]!r}); give one")
    return given[0] if given else ""
