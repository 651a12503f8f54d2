"""What moved a judge, drawn: both waveforms, the words it was asked without, and what was changed in delivery."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from unicodedata import east_asian_width

import numpy as np

from s2s_arena.audio.files import write_durably
from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import Store
from s2s_arena.records.explanations import Effect, Explanation
from s2s_arena.records.identity import AudioHash, TakeId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take

WIDTH, EDGE, LABELS = 920, 16, 116
WAVE, LANE, LINE = 64, 20, 18
FONT = 11
STEPS_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
MOST_TICKS = 16
INK, SOFT, WAVE_INK, LOSES, GAINS = "#1c2330", "#5b6575", "#8fa3b8", "#c8553d", "#2f6f9f"
WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One explained verdict for the page: who, a figure, and the same in a table."""

    judge: str
    version: str
    summary: str
    figure: str  # path relative to the report
    rows: tuple[tuple[str, str, str, str, str, str], ...]  # answer, change, seconds, words, shift, verdict
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """One turn of one answer as it is drawn."""

    side: str
    turn: int
    title: str
    wave: Waveform
    words: tuple[Effect, ...]


def explained(
    matches: Iterable[Match],
    takes: Mapping[TakeId, Take],
    responses: Mapping[str, Response],
    *,
    store: Store,
    out: Path,
) -> dict[str, list[Drawn]]:
    """Draw every explanation of these matches into the report's folder; of several of one judge the last counts.

    Args:
        matches: Those the explorer shows.
        takes: By id.
        responses: By key.
        store: Where explanations and audio are.
        out: The report's folder.

    Returns:
        By match id, in the order of judges' names.
    """
    found: dict[str, dict[str, Explanation]] = {}
    for each in store.all(Explanation):
        found.setdefault(each.match, {})[each.judge] = each
    made: dict[str, list[Drawn]] = {}
    for match in matches:
        sides = [takes.get(match.first), takes.get(match.second)]
        if match.id not in found or None in sides:
            continue
        speech = [_speech(take, responses, store) for take in sides if take]
        for _, each in sorted(found[match.id].items()):
            path = out / "figures" / "explained" / f"{each.key[:16]}.svg"
            systems = (str(match.first_system), str(match.second_system))
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, figure(each, systems=systems, speech=(speech[0], speech[1])).encode())
            made.setdefault(match.id, []).append(
                Drawn(
                    judge=each.judge,
                    version=each.judge_version,
                    summary=summary(each, systems=systems),
                    figure=path.relative_to(out).as_posix(),
                    rows=tuple(_row(effect, systems) for effect in each.effects),
                    notes=each.notes,
                )
            )
    return made


def summary(explanation: Explanation, *, systems: tuple[str, str]) -> str:
    """The verdict, what flipped it and what told most, in a sentence or two."""
    margin = abs(explanation.margin)
    winner = {"first": systems[0], "second": systems[1]}.get(explanation.outcome.value)
    said = f"{winner} won" if winner else explanation.outcome.value.replace("_", " ")
    said += f" by {margin:.2f}" if margin else ""
    flips = sum(effect.flipped for effect in explanation.effects)
    said += f"; of {len(explanation.effects)} changes, {flips} turned the verdict."
    moving = [effect for effect in explanation.effects if effect.shift]
    if moving:
        most = moving[0]
        what = f"without “{most.text}”" if most.edit == WORDS else most.edit
        who = systems[0] if most.side == "first" else systems[1]
        said += f" Most told: {who} {what} ({most.shift:+.2f})."
    return said


def figure(
    explanation: Explanation,
    *,
    systems: tuple[str, str],
    speech: tuple[Sequence[Waveform | None], Sequence[Waveform | None]],
) -> str:
    """An SVG drawing. Its bytes depend on the arguments alone, and text in it is never markup.

    Both answers have one time scale. Under each waveform lie the stretches of words that were muted, longer above
    shorter; below, bars say what each answer lost by a change of the whole.

    Args:
        explanation: What to draw.
        systems: Names of the first and second.
        speech: Their turns; None where there is no speech.
    """
    strips = list(_strips(explanation, systems, speech))
    most = max((abs(effect.shift) for effect in explanation.effects), default=0.0) or 1.0
    longest = max((strip.wave.duration_s for strip in strips), default=1.0) or 1.0
    scale = (WIDTH - 2 * EDGE) / longest
    body: list[str] = []
    y = float(EDGE)
    for strip in strips:
        drawn, height = _strip(strip, scale=scale, most=most, top=y)
        body += drawn
        y += height
    drawn, height = _bars(explanation, systems, most=most, top=y)
    body += [*drawn, *_legend(y + height)]
    y += height + 2 * LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y:.0f}" viewBox="0 0 {WIDTH} {y:.0f}" '
        f'font-family="system-ui, sans-serif" font-size="{FONT}">\n'
        f"<title>{escape(summary(explanation, systems=systems))}</title>\n"
        f'<rect width="{WIDTH}" height="{y:.0f}" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def lanes(effects: Sequence[Effect]) -> list[list[Effect]]:
    """Stretches in rows: each row lies inside what is above it, and no two of a row overlap."""
    rows: list[list[Effect]] = []
    for effect in sorted(effects, key=lambda e: (-(e.end_s - e.start_s), e.start_s)):
        for row in rows:
            if all(effect.end_s <= other.start_s or effect.start_s >= other.end_s for other in row):
                row.append(effect)
                break
        else:
            rows.append([effect])
    return rows


# ------------------------------------------------------------------------------------------ parts of the drawing


def _strips(
    explanation: Explanation,
    systems: tuple[str, str],
    speech: tuple[Sequence[Waveform | None], Sequence[Waveform | None]],
) -> Iterator[Strip]:
    for place, (side, turns) in enumerate(zip(("first", "second"), speech, strict=True)):
        for number, wave in enumerate(turns):
            if wave is None or not wave.frames:
                continue
            title = f"{systems[place]}, heard {side}" + (f", turn {number + 1}" if len(turns) > 1 else "")
            title += " · won" if explanation.outcome.value == side else ""
            words = tuple(e for e in explanation.effects if (e.side, e.turn, e.edit) == (side, number, WORDS))
            yield Strip(side=side, turn=number, title=title, wave=wave, words=words)


def _strip(strip: Strip, *, scale: float, most: float, top: float) -> tuple[list[str], float]:
    middle = top + LINE + WAVE / 2
    width = strip.wave.duration_s * scale
    made = [
        _text(strip.title, EDGE, top + LINE - 6, weight="600"),
        f'<path d="{_outline(strip.wave, width=width, middle=middle)}" fill="{WAVE_INK}"/>',
    ]
    y = top + LINE + WAVE + 4
    step = next((s for s in STEPS_S if strip.wave.duration_s / s <= MOST_TICKS), STEPS_S[-1])
    for tick in np.arange(0.0, strip.wave.duration_s + 1e-9, step):
        x = EDGE + tick * scale
        made.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{y + 4:.1f}" stroke="{SOFT}"/>')
        if x < WIDTH - 40:
            made.append(_text(f"{tick:g} s", x + 3, y + 9, fill=SOFT, size=9))
    y += 16
    rows = lanes(strip.words)
    for row in rows:
        for effect in row:
            made += _stretch(effect, scale=scale, most=most, top=y)
        y += LANE
    return made, y - top + 14


def _stretch(effect: Effect, *, scale: float, most: float, top: float) -> Iterator[str]:
    x, width = EDGE + effect.start_s * scale, max(2.0, (effect.end_s - effect.start_s) * scale)
    told = f"without “{effect.text}”: {effect.shift:+.3f}{', another verdict' if effect.flipped else ''}"
    border = f' stroke="{INK}" stroke-width="1.5"' if effect.flipped else ' stroke="#ffffff"'
    yield (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{LANE - 3}" rx="2" fill="{_colour(effect)}" '
        f'fill-opacity="{_weight(effect, most):.2f}"{border}><title>{escape(told)}</title></rect>'
    )
    for said in (f"{effect.text} {effect.shift:+.2f}", effect.text, f"{effect.shift:+.2f}"):
        if _wide(said) <= width - 4:
            yield _text(said, x + 3, top + LANE - 8)
            break


def _bars(explanation: Explanation, systems: tuple[str, str], *, most: float, top: float) -> tuple[list[str], float]:
    """Changes of whole turns, one line each: bars from the middle, the first answer left and the second right."""
    whole = [effect for effect in explanation.effects if effect.edit != WORDS]
    if not whole:
        return [], 0.0
    made: list[str] = []
    half = (WIDTH - 2 * EDGE - LABELS) / 2
    centres = {side: EDGE + LABELS + half * (n + 0.5) for n, side in enumerate(("first", "second"))}
    reach = half / 2 - 56
    y = top + LINE
    for name, side in zip(systems, centres, strict=True):
        made.append(_text(f"{name}, whole answer", centres[side], y - 6, anchor="middle", weight="600"))
    for edit in dict.fromkeys(effect.edit for effect in whole):
        made.append(_text(edit, EDGE, y + 12))
        for side, centre in centres.items():
            mine = [effect for effect in whole if (effect.edit, effect.side) == (edit, side)]
            height = (LANE - 6) / max(1, len(mine))
            for n, effect in enumerate(mine):
                length = reach * abs(effect.shift) / most
                x = centre if effect.shift > 0 else centre - length
                made.append(
                    f'<rect x="{x:.1f}" y="{y + 2 + n * height:.1f}" width="{max(1.0, length):.1f}" '
                    f'height="{height:.1f}" fill="{_colour(effect)}"/>'
                )
            if mine:
                told = max(mine, key=lambda effect: abs(effect.shift))
                at = centre + (1 if told.shift > 0 else -1) * (reach * abs(told.shift) / most + 6)
                flips = " turns" if any(effect.flipped for effect in mine) else ""
                anchor = "start" if told.shift > 0 else "end"
                made.append(_text(f"{told.shift:+.2f}{flips}", at, y + 12, anchor=anchor))
        y += LANE
    made += [
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + LINE:.1f}" y2="{y:.1f}" stroke="{SOFT}"/>'
        for x in centres.values()
    ]
    return made, y - top + 8


def _legend(top: float) -> Iterator[str]:
    x = float(EDGE)
    for colour, said in ((LOSES, "the answer loses by the change"), (GAINS, "it gains")):
        yield f'<rect x="{x:.1f}" y="{top + 4:.1f}" width="12" height="12" rx="2" fill="{colour}"/>'
        yield _text(said, x + 18, top + 14, fill=SOFT)
        x += 40 + _wide(said)
    yield f'<rect x="{x:.1f}" y="{top + 4:.1f}" width="12" height="12" rx="2" fill="none" stroke="{INK}"/>'
    yield _text("the verdict turns; numbers are in the judge's own margin", x + 18, top + 14, fill=SOFT)


def _outline(wave: Waveform, *, width: float, middle: float) -> str:
    """Peaks of as many slices as there are pixels, as a closed path."""
    columns = max(2, min(int(width), wave.frames))
    parts = np.array_split(np.abs(wave.samples), columns)
    peaks = np.array([float(part.max()) if part.size else 0.0 for part in parts])
    heights = peaks / max(1e-6, float(peaks.max())) * (WAVE / 2 - 2)
    xs = EDGE + np.arange(columns) * width / columns
    upper = [f"{x:.1f} {middle - h:.1f}" for x, h in zip(xs, heights, strict=True)]
    lower = [f"{x:.1f} {middle + max(h, 0.5):.1f}" for x, h in zip(xs[::-1], heights[::-1], strict=True)]
    return "M" + "L".join([*upper, *lower]) + "Z"


def _colour(effect: Effect) -> str:
    return LOSES if effect.shift >= 0 else GAINS


def _weight(effect: Effect, most: float) -> float:
    return 0.08 + 0.82 * min(1.0, abs(effect.shift) / most)


def _text(
    said: str,
    x: float,
    y: float,
    *,
    fill: str = INK,
    size: int = FONT,
    weight: str = "400",
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(said)}</text>'
    )


def _wide(said: str) -> float:
    """About how wide a text is: fonts differ, so rather too wide."""
    return sum(FONT if east_asian_width(c) in "WF" else 0.58 * FONT for c in said)


# ------------------------------------------------------------------------------------------ what is drawn


def _speech(take: Take, responses: Mapping[str, Response], store: Store) -> list[Waveform | None]:
    found = (responses.get(key) for key in take.responses)
    hashes: list[AudioHash | None] = [r.speech.hash if r is not None and r.speech is not None else None for r in found]
    return [None if hash is None else store.audio(hash) for hash in hashes]


def _row(effect: Effect, systems: tuple[str, str]) -> tuple[str, str, str, str, str, str]:
    return (
        systems[0] if effect.side == "first" else systems[1],
        effect.edit,
        f"{effect.start_s:.1f}-{effect.end_s:.1f}",
        effect.text,
        f"{effect.shift:+.3f}",
        "turns" if effect.flipped else "",
    )
