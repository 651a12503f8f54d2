"""Every error that S2S-Arena raises on purpose, in one tree.

    ArenaError                      exit status 1
    ├── InputError                  what the user gave is wrong; exit status 2
    │   ├── AudioError              a file or waveform that is not usable speech
    │   ├── SuiteError              a sample or suite that breaks its rules
    │   ├── CardError               a card with an unknown key, a wrong type, a missing part
    │   ├── WorkspaceError          not a workspace, a newer schema, a folder that cannot be written
    │   ├── InvalidMatchesError     a system against itself, an index out of range, shapes that differ
    │   ├── IllegalVoteError        an outcome, judge or system the match or study does not allow
    │   └── MissingError            an extra, a key variable, weights or a program that is not installed
    │       └── AccessError         a remote system refuses the key, the account or the model's name
    ├── StoreError                  the store could not do it: full disk, lost file, damaged record; exit status 2
    │   └── ConflictError           the same key with another content
    ├── SystemFailure               the system under test failed: recorded, stays in denominators, loses
    │   ├── Refused                 it declined to answer
    │   ├── EmptyAnswer             no speech came back
    │   └── TimedOut                it did not finish in its time
    ├── JudgeFailure                a judge's reply could not be used; counted, retried, never guessed
    └── InfrastructureError         network, 429, 5xx: retried, never rated
        └── RequestRejected         the request as we put it is not accepted: never rated, and no retry helps

A message names the thing, the value and the remedy, on one line.
"""


class ArenaError(Exception):
    """Base of every error raised on purpose; `exit_status` is what the command line returns."""

    exit_status: int = 1


class InputError(ArenaError):
    """What the user gave is wrong; nothing was lost."""

    exit_status = 2


class AudioError(InputError):
    """A file or waveform that is not usable audio."""


class SuiteError(InputError):
    """A sample or suite that breaks its rules."""


class CardError(InputError):
    """A card with an unknown key, a wrong type or a missing part."""


class WorkspaceError(InputError):
    """Not a workspace, a workspace of a newer schema, or one that cannot be written."""


class InvalidMatchesError(InputError):
    """Matches that no rating can be computed from."""


class IllegalVoteError(InputError):
    """An outcome, judge or system that the match or its study does not allow."""


class MissingError(InputError):
    """Something that is not installed or not set here; the message says how to get it."""


class AccessError(MissingError):
    """A remote system refuses the key, the account or the name of the model: no further request would fare better."""


class StoreError(ArenaError):
    """The store could not do what was asked; what was stored before is intact."""

    exit_status = 2


class ConflictError(StoreError):
    """The same key with another content."""


class SystemFailure(ArenaError):
    """The system under test failed; it becomes a `Failure` record."""


class Refused(SystemFailure):
    """The system declined to answer."""


class EmptyAnswer(SystemFailure):
    """The system returned no speech."""


class TimedOut(SystemFailure):
    """The system did not finish within its time limit."""


class JudgeFailure(ArenaError):
    """A judge's reply could not be used."""


class InfrastructureError(ArenaError):
    """Network fault, rate limit or server fault: retried, never rated.

    Args:
        message: What happened.
        retry_after_s: How long the other side asked us to wait, if it did.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RequestRejected(InfrastructureError):
    """The other side does not accept the request as we put it: never rated, and asking again does not help."""
