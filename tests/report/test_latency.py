"""What answers took: percentiles by hand, and who counts."""

import pytest

from s2s_arena.records.identity import ResponseKey, SampleId, SystemName
from s2s_arena.records.responses import Failure, FailureKind, Response, Usage
from s2s_arena.report.latency import ledger


def response(n: int, *, total_s=None, failure=None, **usage) -> Response:
    return Response(
        key=ResponseKey(f"k{n}"), sample=SampleId(f"s{n}"), turn=0, system=SystemName("one"), settings="x", speech=None,
        total_s=total_s, usage=Usage(**usage), failure=Failure(kind=failure, message="") if failure else None,
    )  # fmt: skip


def test_percentiles_and_sums_by_hand():
    # Of 1..101 the 50th percentile is the 51st value, the 90th the 91st, the 99th the 100th.
    lines = ledger(SystemName("one"), [response(n, total_s=float(n), cost_usd=0.5) for n in range(1, 102)])
    total, cost = lines
    assert (total.quantity, total.of, total.p50, total.p90, total.p99) == ("total", 101, 51.0, 91.0, 100.0)
    assert total.sum == pytest.approx(101 * 51)
    assert (cost.quantity, cost.unit, cost.sum) == ("cost", "USD", pytest.approx(50.5))


def test_failures_of_the_system_count_and_those_of_the_network_do_not():
    lines = ledger(
        SystemName("one"),
        [
            response(1, total_s=1.0, tokens_in=10),
            response(2, total_s=30.0, failure=FailureKind.TIMED_OUT),
            response(3, total_s=99.0, failure=FailureKind.INFRASTRUCTURE),
        ],
    )
    by = {line.quantity: line for line in lines}
    assert by["total"].sum == 31.0 and by["tokens in"].of == 1 and "cost" not in by
