"""LaTeX tables in booktabs style, every cell escaped, every row as wide as its head."""

from collections.abc import Sequence
from dataclasses import dataclass

from s2s_arena.boards.rows import latex_escape

Cell = str | float | int | None

WIDE = 8  # columns, beyond which a table is scaled to the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A floating table.

    Attributes:
        label: What `\\ref` calls it, without `tab:`.
        caption: Plain text; what the columns are and what the figures rest on.
        head: Column names.
        align: One letter a column: l, r or c.
        groups: Rows in groups, which rules set apart; None is printed as a dash.
        bold: Columns, by index, in which the highest figure is set in bold.
        decimals: Of figures that are not whole.
    """

    label: str
    caption: str
    head: tuple[str, ...]
    align: str
    groups: tuple[tuple[tuple[Cell, ...], ...], ...]
    bold: tuple[int, ...] = ()
    decimals: int = 1

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """All rows, top to bottom."""
        return tuple(row for group in self.groups for row in group)

    @property
    def text(self) -> str:
        """The whole table environment."""
        best = {column: self._highest(column) for column in self.bold}
        lines = [
            r"\begin{table}[t]",
            r"\centering",
            r"\small",
            rf"\caption{{{latex_escape(self.caption)}}}",
            rf"\label{{tab:{self.label}}}",
            *([r"\resizebox{\linewidth}{!}{%"] if self._wide else []),
            rf"\begin{{tabular}}{{{self.align}}}",
            r"\toprule",
            " & ".join(latex_escape(name) for name in self.head) + r" \\",
            r"\midrule",
        ]
        for number, group in enumerate(self.groups):
            if number:
                lines.append(r"\midrule")
            lines += [self._line(row, best) for row in group]
        end = [r"\bottomrule", r"\end{tabular}" + ("}" if self._wide else ""), r"\end{table}"]
        return "\n".join([*lines, *end]) + "\n"

    @property
    def _wide(self) -> bool:
        return len(self.head) > WIDE

    def _highest(self, column: int) -> float | None:
        figures = [row[column] for row in self.rows]
        known = [figure for figure in figures if isinstance(figure, int | float)]
        return max(known) if len(known) > 1 else None

    def _line(self, row: Sequence[Cell], best: dict[int, float | None]) -> str:
        cells = []
        for column, cell in enumerate(row):
            text = self._cell(cell)
            cells.append(rf"\textbf{{{text}}}" if cell is not None and best.get(column) == cell else text)
        return " & ".join(cells) + r" \\"

    def _cell(self, cell: Cell) -> str:
        if cell is None:
            return "--"
        if isinstance(cell, str):
            return latex_escape(cell)
        return str(cell) if isinstance(cell, int) else f"{cell:.{self.decimals}f}"
