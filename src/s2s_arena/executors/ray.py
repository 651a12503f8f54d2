"""An executor on a Ray cluster: each actor loads what the work needs once, and only the driver keeps results."""

import contextlib
import math
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from s2s_arena.errors import InfrastructureError, InputError, MissingError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Portable

T = TypeVar("T")
U = TypeVar("U")

REACH_S = 10.0
LOOK_S = 5.0  # how often it is seen whether there is still room for an actor that has not begun
LIVES = 5  # how many actors may die under one item before the run is given up
HOW = "run pip install 's2s-arena[ray]'"


class RayExecutor(contextlib.AbstractContextManager["RayExecutor"]):
    """Implements `protocols.Executor` for `Portable` work.

    As many actors are started as the cluster has room for, at most one for each item in flight; an actor holds one
    copy of what the work loads, and serves several items at once if there are more in flight than actors. What an
    actor has when it dies, or its machine does, is done again by another one. Items and results travel with their
    audio in them: no machine needs the workspace of another. Actors stay until other work is given or `close`, so
    that the same work loads nothing anew in its next `map`; one that ends early lets them go.

    Args:
        address: Of a running cluster (`auto` finds the one of this machine); None starts one here, for this process.
        environment: Variables that actors get besides those of their own machine; never keys.
    """

    def __init__(self, *, address: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._address = address
        self._environment = dict(environment or {})
        self._joined = False
        self._kept: tuple[object, int, _Crew] | None = None  # for which work and concurrency

    def map(self, work: Callable[[T], U], items: Iterable[T], *, concurrency: int = 1) -> Iterator[tuple[T, U]]:
        """As `ThreadsExecutor.map`, which overlaps the waiting for actors.

        Raises:
            InputError: Work that cannot be done in another process.
            MissingError: Ray is not installed, or the cluster lacks what one copy needs.
            InfrastructureError: The cluster cannot be reached, or actors die again and again.
        """
        if not isinstance(work, Portable):
            raise InputError(f"{type(work).__name__}: cannot be done on other machines; use --executor threads")
        self._joined = connect(self._address) or self._joined
        return self._results(work, items, concurrency=concurrency)

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the actors go, and leave the cluster if it was this executor that joined it."""
        self._dismiss()
        if self._joined:
            ray_module().shutdown()
            self._joined = False

    def _dismiss(self) -> None:
        if self._kept is not None:
            self._kept[2].end()
            self._kept = None

    def _results(self, work: Any, items: Iterable[T], *, concurrency: int) -> Iterator[tuple[T, Any]]:
        crew = self._crew(work, concurrency=concurrency)
        try:
            yield from ThreadsExecutor().map(crew.do, items, concurrency=concurrency)
        except BaseException:  # what they still have is wanted by nobody
            crew.end()
            if self._kept is not None and self._kept[2] is crew:
                self._kept = None
            raise

    def _crew(self, work: Any, *, concurrency: int) -> "_Crew":
        if self._kept is not None and self._kept[0] is work and self._kept[1] == concurrency:
            return self._kept[2]
        self._dismiss()
        crew = _Crew(work, concurrency=concurrency, environment=self._environment)
        self._kept = (work, concurrency, crew)
        return crew


def connect(address: str | None) -> bool:
    """Join the cluster at an address, or start one here; False, and nothing done, if this process is in one already.

    Raises:
        MissingError: Ray is not installed.
        InfrastructureError: Nothing answers at the address.
    """
    ray = ray_module()
    if ray.is_initialized():
        return False
    _reach(address)
    # Without "local" Ray would join whatever cluster was last started on this machine.
    here: dict[str, Any] = {"address": "local", "include_dashboard": False}
    ways = here if address is None else {"address": address}
    try:
        ray.init(logging_level="ERROR", log_to_driver=False, configure_logging=False, **ways)
    except Exception as error:  # Ray raises errors of many kinds here, all of them the cluster's
        line = " ".join(str(error).split())[:200]
        raise InfrastructureError(f"Ray cluster {address or 'on this machine'}: cannot be used ({line})") from error
    return True


def _reach(address: str | None) -> None:
    """Raise InfrastructureError where nothing answers: Ray itself would ask for minutes, and end the process."""
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_S).close()
    except OSError as error:
        raise InfrastructureError(f"Ray cluster {address}: nothing answers there ({error})") from error


def copies(available: Mapping[str, float], each: Mapping[str, float]) -> int:
    """How many copies fit into what there is.

    Raises:
        MissingError: Not even one.
    """
    fit = math.inf
    for name, amount in each.items():
        if amount > 0:
            there = available.get(name, 0.0)
            if there < amount:
                raise MissingError(
                    f"the Ray cluster has {name} {there:g}, and {amount:g} is needed; add a node that has it"
                )
            fit = min(fit, there // amount)
    return int(fit) if math.isfinite(fit) else 1


class _Place:
    """What runs in an actor."""

    def __init__(self, work: Callable[[Any], Any], environment: Mapping[str, str]) -> None:
        import os  # noqa: PLC0415  in the actor's process

        os.environ.update(environment)
        self._work = work

    def ready(self) -> None:
        """Comes back as soon as it runs."""

    def do(self, item: Any) -> tuple[Any, BaseException | None]:
        """The result, or what was raised: an exception that Ray carries comes back as one of its own."""
        try:
            return self._work(item), None
        except Exception as error:  # noqa: BLE001  it is raised again by the driver
            error.__cause__ = error.__context__ = None
            return None, error


class _Crew:
    """The actors of one `map`: an item goes to the one that has least to do."""

    def __init__(self, work: Any, *, concurrency: int, environment: Mapping[str, str]) -> None:
        self._ray = ray_module()
        self._each = dict(work.resources)
        self._work = self._ray.put(work)
        self._environment = dict(environment)
        self._most = max(1, min(concurrency, copies(self._ray.cluster_resources(), self._each)))
        self._at_once = math.ceil(concurrency / self._most)
        self._changed = threading.Condition()
        self._busy: dict[Any, int] = {}  # actor -> items it has
        self._begun: set[Any] = set()
        self._ended = False

    def do(self, item: Any) -> Any:
        """What the work makes of an item; raises what it raises."""
        for _ in range(LIVES):
            actor = self._taken()
            try:
                self._begin(actor)
                result, error = self._ray.get(actor.do.remote(item))
            except self._ray.exceptions.RayActorError:
                self._lose(actor)
                continue
            except self._ray.exceptions.RayTaskError as failed:
                raise InfrastructureError(f"Ray: {' '.join(str(failed).split())[-300:]}") from failed
            self._give_back(actor)
            if error is not None:
                raise error
            return result
        raise InfrastructureError(f"Ray: {LIVES} actors died one after the other; see ray logs on their machines")

    def end(self) -> None:
        """Let the actors go."""
        with self._changed:
            self._ended = True
            actors = list(self._busy)
            self._busy.clear()
        for actor in actors if self._ray.is_initialized() else ():
            self._ray.kill(actor)

    def _taken(self) -> Any:
        with self._changed:
            free = [(busy, n) for n, busy in enumerate(self._busy.values()) if busy < self._at_once]
            # A new actor only if every one there has something to do: loading a model costs more than waiting.
            if (not free or min(free)[0] > 0) and len(self._busy) < self._most and not self._ended:
                actor = self._new()
            elif free:
                actor = list(self._busy)[min(free)[1]]
            else:  # after deaths there may be fewer places than items
                actor = min(self._busy, key=lambda each: self._busy[each])
            self._busy[actor] = self._busy.get(actor, 0) + 1
            return actor

    def _begin(self, actor: Any) -> None:
        """Wait until an actor runs. One for which there is no room any more, its machine being gone, is given up:
        it would wait for ever while others hold what is left.

        Raises:
            RayActorError: It died.
        """
        if actor in self._begun:
            return
        ready = actor.ready.remote()
        while not self._ray.wait([ready], timeout=LOOK_S)[0]:
            with self._changed:
                if len(self._busy) > copies(self._ray.cluster_resources(), self._each):
                    self._busy.pop(actor, None)
                    self._ray.kill(actor)
        self._ray.get(ready)
        self._begun.add(actor)

    def _new(self) -> Any:
        each = {name: amount for name, amount in self._each.items() if name not in ("CPU", "GPU", "memory")}
        options: dict[str, Any] = {
            "num_cpus": self._each.get("CPU", 0),
            "num_gpus": self._each.get("GPU", 0),
            "resources": each or None,
            "max_concurrency": self._at_once,
        }
        if memory := self._each.get("memory"):
            options["memory"] = int(memory)
        return self._ray.remote(_Place).options(**options).remote(self._work, self._environment)

    def _give_back(self, actor: Any) -> None:
        with self._changed:
            if actor in self._busy:
                self._busy[actor] -= 1

    def _lose(self, actor: Any) -> None:
        """Forget a dead actor. Its machine may have gone with it, so there may be room for fewer."""
        with self._changed:
            self._busy.pop(actor, None)
            self._most = max(1, min(self._most, copies(self._ray.cluster_resources(), self._each)))


def ray_module() -> Any:
    """The package; MissingError where it is not installed."""
    try:
        import ray  # noqa: PLC0415  optional dependency, extra `ray`
    except ModuleNotFoundError as error:
        raise MissingError(f"package ray is not installed; {HOW}") from error
    return ray
