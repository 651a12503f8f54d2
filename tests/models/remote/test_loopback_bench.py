"""The bench of answering, small: a server in another process, and figures that come from it."""

import pytest
from bench.answering import measure


@pytest.mark.parametrize("system", ["chat-openai", "realtime-openai-ga"])
def test_the_bench_answers_every_request_and_measures(system):
    figures = measure(system, in_flight=8, latency_s=0.02, requests=20, store="memory")
    assert figures.answered == figures.requests == 20
    assert figures.rate > 0 and 0 < figures.share_of_ideal <= 1.05 and figures.cpu_ms > 0
    assert len(figures.resident_mib) == 5
