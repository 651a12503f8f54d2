"""Threads overlap waiting, never more than asked, and stop at the first exception."""

import queue
import threading

import pytest

from s2s_arena.executors.threads import ThreadsExecutor


def square(n: int) -> int:
    return n * n


@pytest.mark.parametrize("concurrency", [1, 2, 7, 64])
def test_every_item_comes_back_once_with_its_result(concurrency):
    results = list(ThreadsExecutor().map(square, range(50), concurrency=concurrency))
    assert sorted(results) == [(n, n * n) for n in range(50)]


def test_nothing_to_do_gives_nothing():
    assert list(ThreadsExecutor().map(square, [], concurrency=4)) == []


def test_results_come_in_order_of_completion():
    second_done = threading.Event()

    def work(n):
        if n == 0:
            assert second_done.wait(10)
        return n

    results = ThreadsExecutor().map(work, [0, 1], concurrency=2)
    assert next(results)[0] == 1
    second_done.set()
    assert next(results)[0] == 0


def test_at_most_so_many_are_in_flight_and_that_many_really_are():
    lock = threading.Lock()
    together = threading.Barrier(4, timeout=10)
    running = most = 0

    def work(n):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1
        return n

    assert len(list(ThreadsExecutor().map(work, range(16), concurrency=4))) == 16
    assert most == 4


def test_items_are_taken_only_as_places_become_free():
    taken = []

    def items():
        for n in range(100):
            taken.append(n)
            yield n

    results = ThreadsExecutor().map(square, items(), concurrency=3)
    next(results)
    assert len(taken) <= 2 * 3 + 1
    results.close()


def test_a_caller_that_is_slow_leaves_no_place_empty():
    met = threading.Event()
    both = threading.Barrier(2, action=met.set, timeout=10)

    def work(n):
        if n in (2, 3):  # they meet only if both are started before the caller looks at a second result
            both.wait()
        return n

    results = ThreadsExecutor().map(work, range(4), concurrency=2)
    first, _ = next(results)
    assert first in (0, 1)
    assert met.wait(10)
    assert sorted([first, *(n for n, _ in results)]) == [0, 1, 2, 3]


def test_items_may_wait_for_results_of_earlier_ones():
    ready = queue.SimpleQueue()
    ready.put(0)

    def items():
        while (item := ready.get()) is not None:
            yield item

    seen = []
    for item, _ in ThreadsExecutor().map(square, items(), concurrency=4):
        seen.append(item)
        ready.put(item + 1 if item < 9 else None)
    assert seen == list(range(10))


def test_an_exception_of_the_items_is_the_callers():
    def items():
        yield 1
        raise ZeroDivisionError("items")

    with pytest.raises(ZeroDivisionError, match="items"):
        list(ThreadsExecutor().map(square, items(), concurrency=2))


@pytest.mark.parametrize("concurrency", [1, 3])
def test_the_first_exception_is_raised_and_nothing_further_is_started(concurrency):
    started = []
    raised = threading.Event()

    def work(n):
        started.append(n)
        if n == 5:
            raised.set()
            raise ZeroDivisionError("five")
        if n > 5:
            raised.wait(10)
        return n

    results = []
    with pytest.raises(ZeroDivisionError, match="five"):
        for item, _ in ThreadsExecutor().map(work, range(1000), concurrency=concurrency):
            results.append(item)
    assert len(started) <= 5 + 1 + 2 * concurrency
    assert sorted([*results, 5]) == sorted(started)


def test_ctrl_c_in_the_caller_stops_without_waiting_for_what_runs():
    release = threading.Event()

    def work(n):
        if n:
            release.wait(30)
        return n

    results = ThreadsExecutor().map(work, range(10), concurrency=3)
    with pytest.raises(KeyboardInterrupt):
        for _ in results:
            raise KeyboardInterrupt
    results.close()
    release.set()


def test_workers_end_when_the_work_is_done():
    list(ThreadsExecutor().map(square, range(20), concurrency=8))
    for thread in threading.enumerate():
        if thread.name.startswith("s2s-arena-"):
            thread.join(10)
            assert not thread.is_alive()


def test_no_concurrency_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        ThreadsExecutor().map(square, [1], concurrency=0)
