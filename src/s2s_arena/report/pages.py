"""Content to HTML: pages that open offline in any browser, with nothing from elsewhere."""

from importlib import resources
from pathlib import Path

import jinja2

from s2s_arena.report.content import Content

PAGES = {
    "index.html": "Leaderboard",
    "confidence.html": "Confidence",
    "slices.html": "Slices",
    "systems.html": "Systems",
    "explorer.html": "Listen",
    "judges.html": "Judges",
    "methods.html": "Methods",
}


def heat_colour(share: float) -> str:
    """A readable colour from red (0) over pale yellow (.5) to green (1)."""
    low, middle, high = (232, 150, 140), (250, 243, 214), (140, 205, 165)
    start, end, t = (low, middle, share * 2) if share < 0.5 else (middle, high, share * 2 - 1)
    red, green, blue = (round(a + (b - a) * t) for a, b in zip(start, end, strict=True))
    return f"rgb({red},{green},{blue})"


def write(content: Content, out: Path) -> tuple[Path, ...]:
    """Write all pages and what they need into the folder; returns the pages."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("s2s_arena.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["heat_colour"] = heat_colour
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for page, title in PAGES.items():
        text = environment.get_template(page).render(report=content, title=title, here=page)
        (out / page).write_text(text, encoding="utf-8")
        written.append(out / page)
    static = out / "static"
    static.mkdir(exist_ok=True)
    for asset in (resources.files("s2s_arena.report") / "static").iterdir():
        (static / asset.name).write_text(asset.read_text(encoding="utf-8"), encoding="utf-8")
    return tuple(written)
