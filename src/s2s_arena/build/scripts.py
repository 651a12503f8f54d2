"""Scripts: what is to be said and how, read from TOML that contributors edit, checked and turned into samples.

A file is a table with `domain` (and, if all its samples share one, `notice`), and one `[[sample]]` a sample:

    id, level, task, language, script       who is asked what; level and task may be absent
    say          what the voice is given instead of the script, where the script has more than one reading
    delivery     rate, pitch_st, pitch_range, volume_db, emphasis, pauses, emotion, strength, style
    traits       gender, age, accent of the speaker
    background   scene, snr_db
    labels       what can be heard: emotion, pace, loudness, gender, age, noise, emphasis, pause, reading, ...
    expects      lines such as "rate slow", "emphasis blue", "contains twenty|20"
    guideline, references, choices, rubric, twin, attributes
"""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from s2s_arena.build import languages
from s2s_arena.build.checks import fault
from s2s_arena.build.expectations import expectation
from s2s_arena.errors import InputError, SuiteError
from s2s_arena.records.codec import parse
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Background, Provenance, RubricItem, Sample, Turn
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.taxonomy import SEED_TASKS, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One `[[sample]]` table as written."""

    id: str
    language: str
    script: str
    level: str | None = None
    task: str | None = None
    say: str | None = None
    delivery: Delivery = field(default_factory=Delivery)
    traits: Traits = field(default_factory=Traits)
    background: Background | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    expects: tuple[str, ...] = ()
    guideline: str = ""
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    rubric: tuple[RubricItem, ...] = ()
    twin: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


_NESTED: dict[str, type] = {"delivery": Delivery, "traits": Traits, "background": Background}
_FILE_KEYS = ("domain", "notice", "source", "licence", "sample")


SHIPPED: Mapping[str, str] = {
    "starter": "40 scripts over 19 tasks, in English and Chinese: a first run in minutes",
    "seed": "293 scripts over 19 tasks and four levels in the distribution of the paper's table 8, in 12 languages",
}
"""Suites whose scripts ship with the package, and what they are."""


def starter() -> tuple[Sample, ...]:
    """The samples of the starter suite that ships with the package, without speech yet."""
    return shipped("starter")


def seed() -> tuple[Sample, ...]:
    """The samples of the seed suite that ships with the package, without speech yet: the paper's first stage."""
    return shipped("seed")


def shipped(name: str) -> tuple[Sample, ...]:
    """The samples of one of the `SHIPPED` suites, in order of file name.

    Raises:
        SuiteError: No suite of that name ships with the package.
    """
    if name not in SHIPPED:
        raise SuiteError(f"suite {name!r}: does not ship with the package; use one of: {', '.join(SHIPPED)}")
    folder = files("s2s_arena.build") / name
    texts = {f"{name}/{file.name}": file.read_text(encoding="utf-8") for file in folder.iterdir()}
    return gather({name: text for name, text in sorted(texts.items()) if name.endswith(".toml")})


def load(path: Path) -> tuple[Sample, ...]:
    """Samples from one TOML file of scripts, or from all those in a folder, in order of file name.

    Raises:
        SuiteError: There is no such file, or a script breaks a rule; the message names file, id, key and value.
    """
    if not path.exists():
        raise SuiteError(f"scripts {path}: no such file or folder; give a .toml file or a folder of them")
    found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not found:
        raise SuiteError(f"scripts {path}: the folder holds no .toml file; add one, see build/starter for the form")
    try:
        return gather({file.name: file.read_text(encoding="utf-8") for file in found})
    except UnicodeDecodeError as error:
        raise SuiteError(f"scripts {path}: not UTF-8 text (byte {error.start}); save the file as UTF-8") from error


def gather(texts: Mapping[str, str]) -> tuple[Sample, ...]:
    """Samples from TOML texts by file name, all ids distinct; errors as in `load`."""
    samples: list[Sample] = []
    first_in: dict[str, str] = {}
    for name, text in texts.items():
        for sample in _read(text, source=name):
            if sample.id in first_in:
                raise SuiteError(f"{name}: id {sample.id!r} is already taken in {first_in[sample.id]}; rename one")
            first_in[sample.id] = name
            samples.append(sample)
    if not samples:
        raise SuiteError(f"scripts {', '.join(texts)}: no [[sample]] in them; add at least one")
    return tuple(samples)


def _read(text: str, *, source: str) -> Iterable[Sample]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{source}: not valid TOML: {error}; correct the line") from error
    _refuse_unknown(table, _FILE_KEYS, where=source)
    tables = table.get("sample", [])
    if not isinstance(tables, list):
        raise SuiteError(f"{source}: key 'sample' is one table; write [[sample]] with two brackets")
    for number, raw in enumerate(tables, start=1):
        where = f"{source}: sample {raw.get('id', f'number {number}')}"
        yield _sample(_script(raw, where=where), table, where=where)


def _script(raw: dict[str, object], *, where: str) -> Script:
    _refuse_unknown(raw, [f.name for f in dataclasses.fields(Script)], where=where)
    for key, kind in _NESTED.items():
        inner = raw.get(key)
        if isinstance(inner, dict):
            _refuse_unknown(inner, [f.name for f in dataclasses.fields(kind)], where=f"{where}: {key}")
    try:
        return parse(Script, raw)
    except InputError as error:
        raise SuiteError(f"{where}: {error}; correct the value") from error


def _sample(script: Script, table: Mapping[str, object], *, where: str) -> Sample:
    if script.level is not None and script.level not in list(Level):
        raise SuiteError(f"{where}: level {script.level!r} given; use one of L1, L2, L3, L4")
    if not languages.known(script.language):
        raise SuiteError(f"{where}: language {script.language!r} is not a known BCP 47 tag; use e.g. en, zh or ja")
    try:
        expects = tuple(expectation(line) for line in script.expects)
    except ValueError as error:
        raise SuiteError(f"{where}: expects: {error}") from error
    turn = Turn(
        script=script.script,
        language=script.language,
        delivery=script.delivery,
        traits=script.traits,
        background=script.background,
        labels=script.labels,
        respelling=script.say,
    )
    wrong = fault(turn)
    if wrong:
        raise SuiteError(f"{where}: {wrong}")
    domain = table.get("domain")
    return Sample(
        id=SampleId(script.id),
        language=script.language,
        turns=(turn,),
        level=Level(script.level) if script.level else None,
        domain=domain if isinstance(domain, str) else None,
        task=script.task,
        seed_task=script.task if script.task in SEED_TASKS else None,
        guideline=script.guideline,
        expects=expects,
        rubric=script.rubric,
        references=script.references,
        choices=script.choices,
        twin_group=script.twin,
        provenance=Provenance(
            source=str(table.get("source", "")),
            licence=str(table.get("licence", "Apache-2.0")),
            notice=str(table.get("notice", "")),
        ),
        attributes=script.attributes,
    )


def _refuse_unknown(table: Mapping[str, object], allowed: Sequence[str], *, where: str) -> None:
    for key in table:
        if key not in allowed:
            raise SuiteError(f"{where}: unknown key {key!r}; known keys: {', '.join(sorted(allowed))}")
