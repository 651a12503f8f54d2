"""The paper folder: tables, figures, methods and bibliography, and one document that inputs them all."""

from pathlib import Path

from s2s_arena.boards.rows import latex_escape
from s2s_arena.report.paper import figures
from s2s_arena.report.paper.bibliography import bibliography
from s2s_arena.report.paper.material import Material
from s2s_arena.report.paper.prose import cited, methods_paragraph
from s2s_arena.report.paper.tables import tables

PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{booktabs}
\usepackage{graphicx}
\usepackage{natbib}
\usepackage[margin=2cm]{geometry}
"""
CAPTIONS = {
    "win_rates": "Win rates: per cent of direct comparisons that the row won against the column, with counts.",
    "by_level": "Ratings by level of the protocol, with 95 % intervals.",
    "by_domain": "Ratings by domain, with 95 % intervals.",
}


def write(material: Material, folder: Path) -> tuple[Path, ...]:
    """Write the folder; returns its files, `paper.tex` first."""
    folder.mkdir(parents=True, exist_ok=True)
    made = tables(material)
    prose = methods_paragraph(material)
    drawn = figures.write(material, folder)
    texts = {
        **{f"{name}.tex": table.text for name, table in made.items()},
        "methods.tex": prose,
        "references.bib": bibliography(cited(prose)),
    }
    texts = {"paper.tex": _document(material, list(made), drawn), **texts}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    pictures = [folder / f"{name}.{kind}" for name in drawn for kind in figures.KINDS]
    return (*(folder / name for name in texts), *pictures)


def _document(material: Material, made: list[str], drawn: list[str]) -> str:
    parts = [
        PREAMBLE,
        rf"\title{{{latex_escape(f'Study {material.study.name}')}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        r"\section*{Methods}",
        r"\input{methods}",
        r"\section*{Results}",
        *(rf"\input{{{name}}}" for name in made),
    ]
    for name in drawn:
        parts += [
            r"\begin{figure}[t]",
            r"\centering",
            rf"\includegraphics[width=\linewidth]{{{name}.pdf}}",
            rf"\caption{{{latex_escape(CAPTIONS[name])}}}",
            rf"\label{{fig:{name}}}",
            r"\end{figure}",
        ]
    return "\n".join([*parts, r"\bibliographystyle{plainnat}", r"\bibliography{references}", r"\end{document}"]) + "\n"
