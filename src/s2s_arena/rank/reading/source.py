"""Where the votes of a board came from, and which rows of the file no board can count."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One row that was left out."""

    row: int  # in the file, from 1, the header left out
    reason: str
    given: str  # the two systems and the winner as the file has them


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of votes, as it was read.

    Attributes:
        file: Its name.
        format: The shape it was read as.
        licence: What is known of the data's licence; empty for a user's own files.
        rows: How many votes the file holds, rejected ones included.
        rejected: Those that no board can count.
    """

    file: str
    format: str
    licence: str
    rows: int
    rejected: tuple[Rejected, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line that counts the rejected rows and names the first few."""
        if not self.rejected:
            return ()
        few = "; ".join(f"row {r.row}: {r.reason}" for r in self.rejected[:FEW])
        more = f"; and {len(self.rejected) - FEW} more" if len(self.rejected) > FEW else ""
        return (f"{self.file}: {len(self.rejected)} of {self.rows} rows rejected ({few}{more})",)


FEW = 3  # rejected rows that a warning names; the JSON and --rejected have them all
