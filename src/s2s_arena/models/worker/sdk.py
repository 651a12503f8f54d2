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
    answer: Optional[Callable[..., Optional[Dict[str, Any]]]] = None,  # noqa: UP006, UP045  workers may run Python 3.8
    *,
    name: str,
    version: str,
    read: Optional[Callable[..., Any]] = None,  # noqa: UP045
    speak: Optional[Callable[..., Any]] = None,  # noqa: UP045
    load: Optional[Callable[[Dict[str, Any]], object]] = None,  # noqa: UP006, UP045
    capabilities: Iterable[str] = (),
) -> None:
    """Answer requests until there are no more.

    Args:
        answer: Called for each request to a system, one at a time. An exception becomes a failure of that one request.
        read: Called for each request to a judge: read(messages, *, seed, temperature, max_tokens, schema, settings).
            A message is {"role": ..., "parts": [{"text": ...} or {"audio": path of a WAV}, ...]}; the reply is text,
            or a table with "text" and, where known, "tokens_in", "tokens_out", "audio_tokens", "refused".
        speak: Called for each request to a voice: speak(text, *, language, gender, age, accent, emotion, strength,
            style, description, speed, out, seed, settings). Write the speech to the path `out`. The description says
            in words what the others say; what is not asked for is None. It may give a table with "refused".
        name: Of the system.
        version: Of this worker and its weights: part of what answers are filed under.
        load: Called once with the card's settings, before the first request. A package that is not installed, or
            `Missing`, is told to the arena in one line.
        capabilities: Of "history" (it uses earlier turns) and "seed" (the same seed gives the same answer). Of a
            voice: "gender" (it speaks as the gender asked), "speed", and "emotion", "style", "age", whole or by value
            as in "style=whisper": these it carries out by itself, all else is done to its signal.
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
        capabilities=sorted({*capabilities, *(["speak"] if speak is not None else [])}),
    )
    roles = {"a system": answer, "a judge": read, "a voice": speak}
    kind = " and ".join(role for role, does in roles.items() if does is not None)
    for line in reading:
        asked = json.loads(line)
        try:
            if asked["type"] == "read":
                say(type="reply", id=asked["id"], **_replied(read, asked, settings, kind))
            elif asked["type"] == "speak":
                say(type="spoken", id=asked["id"], **_spoken(speak, asked, settings, kind))
            else:
                say(type="answer", id=asked["id"], **_answered(answer, asked, settings, kind))
        except Exception as error:  # noqa: BLE001  whatever a model raises is this request's failure, not the worker's end
            say(type="error", id=asked["id"], message=f"{type(error).__name__}: {error}")


def _answered(answer: Any, asked: Any, settings: Any, kind: str) -> Any:
    if answer is None:
        raise TypeError(f"this worker is {kind} and answers nobody")
    told = answer(asked["speech"], history=asked["history"], out=asked["out"], seed=asked["seed"], settings=settings)
    return told or {}


def _replied(read: Any, asked: Any, settings: Any, kind: str) -> Any:
    if read is None:
        raise TypeError(f"this worker is {kind} and judges nobody")
    told = read(
        asked["messages"],
        seed=asked["seed"],
        temperature=asked["temperature"],
        max_tokens=asked["max_tokens"],
        schema=asked["schema"],
        settings=settings,
    )
    return {"text": told} if isinstance(told, str) else told or {}


def _spoken(speak: Any, asked: Any, settings: Any, kind: str) -> Any:
    if speak is None:
        raise TypeError(f"this worker is {kind} and speaks nobody's words")
    told = {key: value for key, value in asked.items() if key not in ("type", "id", "text")}
    return speak(asked["text"], settings=settings, **told) or {}
