"""Whether a Ray cluster would run the systems and judges of a workspace."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from s2s_arena.compose.arena import VERSIONED
from s2s_arena.compose.needs import variables_of
from s2s_arena.executors.checkup import Finding, Wanted, checkup
from s2s_arena.records.systems import Card
from s2s_arena.workspace.cards import Cards
from s2s_arena.workspace.layout import Layout

__all__ = ["Finding", "doctor"]


def doctor(
    workspace: Path, *, address: str | None = None, systems: Sequence[str] = (), judges: Sequence[str] = ()
) -> Iterator[Finding]:
    """What was found, one thing after the other.

    Args:
        workspace: Its cards count, and machines should see it; a folder that is none has the package's cards.
        address: Of the cluster; None looks at one that is started here.
        systems: Cards that are to run there.
        judges: The same of judges; a panel is its members.

    Raises:
        CardError: No such card.
    """
    layout = Layout(workspace)
    is_workspace = layout.config.is_file()
    cards = Cards(layout.cards if is_workspace else None)
    wanted = [_wanted("system", cards.system(name).card) for name in systems]
    wanted += [_wanted("judge", cards.judge(name).card) for name in judges]
    folder = workspace.resolve() if is_workspace else None
    return checkup(address=address, packages=VERSIONED, folder=folder, wanted=wanted)


def _wanted(kind: str, card: Card) -> Wanted:
    return Wanted(name=f"{kind} {card.name}", each=card.resources, variables=variables_of(card))
