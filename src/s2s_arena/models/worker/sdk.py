"""What a worker imports: copy this one file beside it. It needs nothing but Python 3.8 and says no word of its own.

    from sdk import serve

    def answer(speech, *, history, out, seed, settings):
        ...                      # speech: path of a WAV; write the answer to the path `out`
        return {"text": "..."}   # may be empty; also "first_audio_s", "refused", "tokens_in", "tokens_out"

    serve(answer, name="my-system", version="1", load=load_weights)

The protocol is in docs/workers.md. Messages go over descriptors of their own, so that whatever a library prints
lands on standard error and breaks nothing.
"""

import json
import os
import sys
import threading
import time
import traceback
from typing import Any, Callable, Dict, Iterable, Optional  # noqa: UP035  workers may run Python 3.8

PROTOCOL = 1
BEAT_S = 2.0


class Missing(Exception):
    """Raise it in `load`: what is not here and how to get it, in one line. The run then ends with that line."""


def serve(
    answer: Callable[..., Optional[Dict[str, Any]]],  # noqa: UP006, UP045  workers may run Python 3.8
    *,
    name: str,
    version: str,
    load: Optional[Callable[[Dict[str, Any]], object]] = None,  # noqa: UP006, UP045
    capabilities: Iterable[str] = (),
) -> None:
    """Answer requests until there are no more.

    Args:
        answer: Called for each request, one at a time. An exception becomes a failure of that one request.
        name: Of the system.
        version: Of this worker and its weights: part of what answers are filed under.
        load: Called once with the card's settings, before the first request. A package that is not installed, or
            `Missing`, is told to the arena in one line.
        capabilities: Of "history" (it uses earlier turns) and "seed" (the same seed gives the same answer).
    """
    reading = os.fdopen(int(os.environ["S2S_ARENA_WORKER_IN"]), encoding="utf-8")
    writing = os.fdopen(int(os.environ["S2S_ARENA_WORKER_OUT"]), "w", encoding="utf-8")
    os.dup2(2, 1)  # what is printed goes to standard error
    lock = threading.Lock()

    def say(**message: Any) -> None:
        with lock:
            writing.write(json.dumps(message) + "\n")
            writing.flush()

    def beat() -> None:
        while True:
            time.sleep(BEAT_S)
            try:
                say(type="beat")
            except (OSError, ValueError):
                return

    threading.Thread(target=beat, daemon=True).start()
    settings = json.loads(os.environ.get("S2S_ARENA_WORKER_SETTINGS", "{}"))
    try:
        if load is not None:
            load(settings)
    except Missing as error:
        say(type="missing", message=str(error))
        return
    except ModuleNotFoundError as error:
        traceback.print_exc()
        say(type="missing", message=f"package {error.name} is not installed for {sys.executable}; install it there")
        return
    say(
        type="ready",
        protocol=PROTOCOL,
        name=name,
        version=version,
        python=sys.version.split()[0],
        capabilities=sorted(capabilities),
    )
    for line in reading:
        asked = json.loads(line)
        try:
            told = answer(
                asked["speech"],
                history=asked["history"],
                out=asked["out"],
                seed=asked["seed"],
                settings=settings,
            )
            say(type="answer", id=asked["id"], **(told or {}))
        except Exception as error:  # noqa: BLE001  whatever a model raises is this request's failure, not the worker's end
            say(type="error", id=asked["id"], message=f"{type(error).__name__}: {error}")
