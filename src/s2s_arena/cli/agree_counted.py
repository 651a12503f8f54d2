"""`s2s-arena agree --counts --joint`: published agreement with its intervals."""

import dataclasses
import json
import sys
from collections.abc import Sequence

from s2s_arena.cli.console import print_table, say
from s2s_arena.rank.counted import counted
from s2s_arena.ratings.agreement import Estimate

NO_KAPPA = "counts do not determine kappa: it needs the joint table (--joint)"


def show_counted(counts: Sequence[str], joint: Sequence[str], *, as_json: bool) -> None:
    """Print agreement with Wilson's interval for each, and kappa for joint tables."""
    found = counted(counts, joint)
    if as_json:
        rows = [dataclasses.asdict(each) for each in found]
        sys.stdout.write(json.dumps({"agreement": rows, "warnings": [NO_KAPPA] if counts else []}) + "\n")
        return
    print_table(
        "agreement",
        ("given", "agreement", "95 % interval", "kappa"),
        [(each.given, _value(each.agreement), _interval(each.agreement), _both(each.kappa)) for each in found],
    )
    if counts:
        say(f"note: {NO_KAPPA}")


def _value(estimate: Estimate) -> str:
    return "-" if estimate.value is None else f"{estimate.value:.4f}"


def _interval(estimate: Estimate) -> str:
    return "-" if estimate.low is None else f"[{estimate.low:.3f}, {estimate.high:.3f}]"


def _both(estimate: Estimate | None) -> str:
    return "" if estimate is None else f"{_value(estimate)} {_interval(estimate)}"
