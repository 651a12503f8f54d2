"""The proof of listening under load, on its own: checks a second, with a clock set by hand."""

import time

import numpy as np

from s2s_arena.serve.hearing.listening import missing, union

CLIPS = ("instruction", "first", "second")
SHARE = 0.9


def check(rng: np.random.Generator, *, kind: str) -> bool:
    """One listener before a vote; whether the vote was let through.

    Args:
        rng: Lengths of clips and pieces.
        kind: `honest` plays all of each clip in up to 200 pieces, `seeks` jumps over a third of one, `claims` says all
            was heard but half the time has passed.
    """
    durations = {clip: float(rng.uniform(3.0, 20.0)) for clip in CLIPS}
    heard = {}
    for clip, duration in durations.items():
        edges = np.concatenate([[0.0], np.sort(rng.uniform(0.0, duration, int(rng.integers(1, 199)))), [duration]])
        heard[clip] = union(list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)), duration_s=duration)
    now = sum(durations.values())
    if kind == "seeks":
        clip, third = "second", durations["second"] / 3
        heard[clip] = ((0.0, third), (2 * third, durations[clip]))
    if kind == "claims":
        now /= 2
    return not missing(heard, durations_s=durations, waited_s=dict.fromkeys(CLIPS, now), share=SHARE)


def main() -> None:
    rng = np.random.default_rng(0)
    for kind, wanted in (("honest", True), ("seeks", False), ("claims", False)):
        began, count = time.process_time(), 5_000
        passed = sum(check(rng, kind=kind) for _ in range(count))
        spent = time.process_time() - began
        right = passed if wanted else count - passed
        print(f"{kind}: {right} of {count} judged rightly, {spent / count * 1000:.2f} ms of processor each")


if __name__ == "__main__":
    main()
