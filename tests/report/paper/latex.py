"""A tiny reader of LaTeX: enough to say whether a file is well formed and its tables are rectangular."""

import re

COMMAND = re.compile(r"\\(begin|end)\{(\w+\*?)\}")
KEYED = re.compile(r"\\(label|ref|input|includegraphics(\[[^]]*\])?|cite[tp]?|bibliography)\{[^}]*\}")
CELL = re.compile(r"(?<!\\)&")


def problems(text: str) -> list[str]:
    """What a compiler would stumble over: braces, environments, dollars, bare special characters, ragged rows."""
    found: list[str] = []
    plain = re.sub(r"\\[{}%&$#_\\]", "  ", text)
    plain = re.sub(r"(?m)%.*$", "", plain)
    depth = 0
    for character in plain:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            found.append("a brace is closed that was not opened")
            depth = 0
    if depth:
        found.append(f"{depth} braces stay open")
    stack: list[str] = []
    for kind, name in COMMAND.findall(text):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            found.append(f"\\end{{{name}}} does not close what is open")
    if stack:
        found.append(f"{stack} stay open")
    if plain.count("$") % 2:
        found.append("an odd number of dollars")
    without_math = re.sub(r"\$[^$]*\$", "", plain)
    without_keys = re.sub(
        r"\\(label|ref|input|includegraphics(\[[^]]*\])?|cite[tp]?|bibliography)\{[^}]*\}", "", without_math
    )
    found += [f"a bare {c}" for c in "_^#" if c in without_keys]
    return found + ragged(text)


def ragged(text: str) -> list[str]:
    """Rows of tabulars that are not as wide as their column specification."""
    found = []
    for spec, body in re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", text, flags=re.DOTALL):
        for line in body.strip().splitlines():
            if line.startswith("\\") and not line.startswith((r"\textbf", r"\text")):
                continue
            width = len(CELL.findall(line)) + 1
            if width != len(spec) or not line.endswith(r"\\"):
                found.append(f"{width} cells for {len(spec)} columns: {line}")
    return found
