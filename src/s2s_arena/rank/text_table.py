"""Tables of text for terminals and pipes, without the tenth of a second that a terminal library takes to import."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

GAP = "  "


@dataclass(slots=True)
class TextTable:
    """Columns of equal width under a rule.

    Attributes:
        title: A line above, if any.
        caption: A line below, if any.
    """

    title: str | None = None
    caption: str | None = None
    _heads: list[str] = field(default_factory=list)
    _right: list[bool] = field(default_factory=list)
    _rows: list[tuple[str, ...]] = field(default_factory=list)

    def add_column(self, name: str, *, right: bool = False) -> None:
        """One more column; its name may have several lines."""
        self._heads.append(name)
        self._right.append(right)

    def add_row(self, *cells: str) -> None:
        """One more row, with a cell a column."""
        if len(cells) != len(self._heads):
            raise ValueError(f"table {self.title}: {len(cells)} cells given for {len(self._heads)} columns")
        self._rows.append(tuple(cell.replace("\n", " ") for cell in cells))

    @property
    def row_count(self) -> int:
        """Rows, the head left out."""
        return len(self._rows)

    def __str__(self) -> str:
        """The lines of the table."""
        heads = [head.split("\n") for head in self._heads]
        tallest = max(map(len, heads), default=0)
        above = list(zip(*([""] * (tallest - len(head)) + head for head in heads), strict=True))
        lines = [*above, *self._rows]
        widths = [max(map(shown_width, column)) for column in zip(*lines, strict=True)]
        made = [] if self.title is None else [self.title]
        made += [self._line(cells, widths) for cells in above]
        made.append(GAP.join("-" * width for width in widths))
        made += [self._line(cells, widths) for cells in self._rows]
        return "\n".join(made if self.caption is None else [*made, self.caption])

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        placed = (
            " " * (width - shown_width(cell)) + cell if right else cell + " " * (width - shown_width(cell))
            for cell, width, right in zip(cells, widths, self._right, strict=True)
        )
        return GAP.join(placed).rstrip()


def shown_width(text: str) -> int:
    """Places that a text takes on a terminal: two for a Chinese character, none for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
