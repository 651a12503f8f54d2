"""Whether a Ray cluster would do: what is installed, what answers, what each machine has and sees."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from s2s_arena.errors import ArenaError, MissingError
from s2s_arena.executors.ray import HOW, connect, copies, ray_module

OLDEST = (2, 30)
PATIENCE_S = 60.0  # for one machine to tell what it has


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `message` says what was found, and the remedy where it is not `well`."""

    what: str
    well: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one system or judge needs of a machine.

    Attributes:
        name: Which, with its kind.
        each: What one copy takes, as `Portable.resources`.
        variables: Names of environment variables that hold its keys.
    """

    name: str
    each: Mapping[str, float]
    variables: Sequence[str] = ()


def checkup(
    *, address: str | None, packages: Sequence[str], folder: Path | None = None, wanted: Sequence[Wanted] = ()
) -> Iterator[Finding]:
    """What was found, one thing after the other; nothing further after something that nothing works without.

    Args:
        address: Of the cluster; None looks at one that is started here.
        packages: Distributions whose versions should be equal everywhere.
        folder: The workspace, which machines need to see only for its own voices, recordings and heads.
        wanted: What is to run there.
    """
    try:
        found = version("ray")
    except PackageNotFoundError:
        yield Finding(what="ray", well=False, message=f"is not installed; {HOW}")
        return
    new = tuple(int(part) for part in found.split(".")[:2]) >= OLDEST
    oldest = ".".join(str(part) for part in OLDEST)
    yield Finding(what="ray", well=new, message=found if new else f"{found} is older than {oldest}; {HOW}")
    try:
        connect(address)
    except ArenaError as error:
        yield Finding(
            what="address", well=False, message=f"{error}; run ray start --head there, or leave --address out"
        )
        return
    ray = ray_module()
    nodes = [node for node in ray.nodes() if node["Alive"]]
    yield Finding(what="address", well=True, message=f"{address or 'started here'}: {len(nodes)} machines")
    there = ray.cluster_resources()
    amounts = ", ".join(f"{name} {there.get(name, 0):g}" for name in ("CPU", "GPU"))
    yield Finding(what="resources", well=True, message=f"{amounts}, memory {there.get('memory', 0) / 2**30:.0f} GiB")
    for each in wanted:
        yield _room(each, there)
    variables = sorted({name for each in wanted for name in each.variables})
    here = _seen(tuple(packages), str(folder) if folder else "", variables)
    for node in nodes:
        yield from _machine(node, here, folder=folder, packages=packages, variables=variables)


def _room(wanted: Wanted, there: Mapping[str, float]) -> Finding:
    try:
        count = copies(there, wanted.each)
    except MissingError as error:
        return Finding(what=wanted.name, well=False, message=str(error))
    return Finding(what=wanted.name, well=True, message=f"room for {count} copies")


def _machine(
    node: Mapping[str, Any], here: Mapping[str, str], *, folder: Path | None, packages: Sequence[str],
    variables: Sequence[str],
) -> Iterator[Finding]:  # fmt: skip
    from ray.util.scheduling_strategies import (  # noqa: PLC0415  optional dependency, extra `ray`
        NodeAffinitySchedulingStrategy,
    )

    ray = ray_module()
    what = f"machine {node['NodeManagerAddress']}"
    ask = ray.remote(_seen).options(
        num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    )
    place = str(folder) if folder else ""
    try:
        seen = ray.get(ask.remote(tuple(packages), place, tuple(variables)), timeout=PATIENCE_S)
    except Exception as error:  # noqa: BLE001  whatever it is, this machine would not do
        line = " ".join(str(error).split())[-200:]
        message = f"cannot run our code ({line}); install s2s-arena there, in the same version"
        yield Finding(what=what, well=False, message=message)
        return
    names = ("python", "s2s-arena", *packages)
    other = [f"{n} {seen[n] or 'missing'} (here {here[n] or 'missing'})" for n in names if seen[n] != here[n]]
    told = f"python {seen['python']}, s2s-arena {seen['s2s-arena']}, packages as here"
    message = f"{', '.join(other)}: install the same versions there" if other else told
    yield Finding(what=what, well=not other, message=message)
    if folder is not None:
        sees = seen["folder"] == "yes"
        remedy = "is not there; mount it under the same path (its voices, recordings and heads live in it)"
        yield Finding(what=what, well=sees, message=f"{folder}: {'is there' if sees else remedy}")
    for name in variables:
        is_set = seen[f"${name}"] == "set"
        remedy = f"variable {name} is not set; set it there before ray start (keys are not sent)"
        yield Finding(what=what, well=is_set, message=f"variable {name} is set" if is_set else remedy)


def _seen(packages: Sequence[str], folder: str, variables: Sequence[str]) -> dict[str, str]:
    """What a machine has. Never the content of a variable."""
    found = {"python": platform.python_version(), "folder": "yes" if folder and Path(folder).is_dir() else "no"}
    for name in ("s2s-arena", *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return {**found, **{f"${name}": "set" if os.environ.get(name) else "" for name in variables}}
