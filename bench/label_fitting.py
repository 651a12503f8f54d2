"""From measurements of readings to thresholds: least squares for a text's pace, balanced accuracy for limits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from s2s_arena.build.labels.meter import MOST_PITCH_ST, MOST_RESONANCE_ST

SOURCE = (
    "bench/labels.py on the texts of bench/plain_speech.py and of the starter suite, read by the package's own voices; "
    "none of them is in the seed suite"
)
SOFT_LUFS, LOUD_LUFS = -25.0, -20.5  # plain is -23; half of the smallest change that a script directs
SNR_DB = 0.25
MOST_FALSE, LEAST_SHOWN = 0.1, 0.8  # or the measure is no instrument for the label

Row = Mapping[str, object]


def fitted(rows: Sequence[Row]) -> tuple[dict[str, object], list[str]]:
    """Tables for TOML, and a report in lines."""
    report: list[str] = []
    plain = [row for row in rows if row["label"] == "plain"]
    pace, voices = {}, {}
    for language in sorted({str(row["language"]) for row in plain}):
        own = [row for row in plain if row["language"] == language and row["rate"]]
        names = sorted({str(row["voice"]) for row in own})
        log_rate = np.log([number(row["rate"]) for row in own])
        letters = np.array([number(row["letters"]) for row in own])
        dummies = np.array([[row["voice"] == name for name in names] for row in own], dtype=float)
        sloped = language == "en"
        design = np.column_stack([dummies, letters - letters.mean()]) if sloped else dummies
        solution, *_ = np.linalg.lstsq(design, log_rate, rcond=None)
        slope = float(solution[-1]) if sloped else 0.0
        offsets = solution[: len(names)]
        level = float(offsets.mean())
        left = log_rate - design @ solution
        report.append(f"pace {language}: {len(own)} readings, slope {slope:.3f}, sd {left.std():.3f}")
        pace[language] = {"level": level - slope * float(letters.mean()), "slope": slope}
        genders: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for name, offset in zip(names, offsets, strict=True):
            pitch, resonance = (
                float(np.median([number(r[key]) for r in own if r["voice"] == name and r[key] is not None]))
                for key in ("pitch_st", "resonance_st")
            )
            voices[f"{name}/{language}"] = {
                "pace": float(offset) - level,
                "pitch_st": pitch,
                "resonance_st": resonance,
            }
            gender = next(str(row["gender"]) for row in own if row["voice"] == name)
            genders[gender].append((float(offset) - level, pitch, resonance))
        for gender, found in genders.items():
            means = np.mean(found, axis=0)
            voices[f"{gender}/{language}"] = {
                "pace": float(means[0]),
                "pitch_st": float(means[1]),
                "resonance_st": float(means[2]),
            }

    def pace_of(row: Row) -> float:
        own, line = voices[f"{row['voice']}/{row['language']}"], pace[str(row["language"])]
        expected = line["level"] + line["slope"] * number(row["letters"]) + own["pace"]
        return float(np.log(number(row["rate"])) - expected)

    def pitch_of(row: Row) -> float:
        return number(row["pitch_st"]) - voices[f"{row['voice']}/{row['language']}"]["pitch_st"]

    def values(label: str, measure: str) -> list[float]:
        return [number(row[measure]) for row in rows if row["label"] == label and row[measure] is not None]

    even = [row for row in rows if row["label"] == "plain" and row["rate"] and row["pitch_st"]]
    limits: dict[str, object] = {}
    for name, label, of, sign in (
        ("fast", "pace=fast", pace_of, 1),
        ("slow", "pace=slow", pace_of, -1),
        ("high_st", "pitch=high", pitch_of, 1),
        ("low_st", "pitch=low", pitch_of, -1),
    ):
        shown = [sign * of(row) for row in rows if row["label"] == label and row["rate"] and row["pitch_st"]]
        limits[name] = sign * limit(name, shown, [sign * of(row) for row in even], report)
    limits["child"] = child(rows, voices, report)
    limits["whisper"] = -limit(
        "whisper",
        [-v for v in values("style=whisper", "voiced_share")],
        [-v for v in values("plain", "voiced_share")],
        report,
    )
    # Content words of plain readings stand out as much: a threshold would flag as many of them as it would find.
    stressed, even_words = values("emphasis", "stress"), values("plain", "stress")
    at = limit("stress", stressed, even_words, report)
    if np.mean(np.array(even_words) > at) <= MOST_FALSE and np.mean(np.array(stressed) > at) >= LEAST_SHOWN:
        limits["stress"] = at
    limits["pause_s"] = limit("pause_s", values("pause", "pause_s"), values("plain", "pause_s"), report)
    limits |= {"soft_lufs": SOFT_LUFS, "loud_lufs": LOUD_LUFS, "snr_db": SNR_DB}
    return {"pace": pace, "voices": voices, "limits": limits}, report


def limit(name: str, shown: Sequence[float], plain: Sequence[float], report: list[str]) -> float:
    """Where shown ones are best told from plain ones (balanced accuracy): of the cuts that do so equally well, the one
    nearest to the middle between the two means."""
    cuts = np.unique([*shown, *plain])
    middles = (cuts[1:] + cuts[:-1]) / 2.0
    up, down = np.array(shown), np.array(plain)
    scores = np.array([((up > m).mean() + (down <= m).mean()) / 2.0 for m in middles])
    best = middles[scores >= scores.max() - 1e-12]
    centre = float((up.mean() + down.mean()) / 2.0)
    at = min(max(centre, float(best.min())), float(best.max()))
    report.append(
        f"{name}: {at:.3f}; shown {np.mean(up > at):.0%} of {up.size}, plain flagged {np.mean(down > at):.0%} of "
        f"{down.size}"
    )
    return at


def child(rows: Sequence[Row], voices: Mapping[str, Mapping[str, float]], report: list[str]) -> list[float]:
    """Fisher's discriminant of pitch and resonances over the voice's plain ones: children against adults."""
    usable = [row for row in rows if row["pitch_st"] is not None and row["resonance_st"] is not None]
    young = np.array([row["label"] == "age=child" for row in usable])
    points = np.array([above(row, voices) for row in usable])
    within = (np.cov(points[young].T) + np.cov(points[~young].T)) / 2.0
    weights = np.linalg.solve(within, points[young].mean(axis=0) - points[~young].mean(axis=0))
    scores = points @ weights
    at = limit("child", scores[young].tolist(), scores[~young].tolist(), report)
    return [-at, float(weights[0]), float(weights[1])]


def above(row: Row, voices: Mapping[str, Mapping[str, float]]) -> tuple[float, float]:
    plain = voices[f"{row['voice']}/{row['language']}"]
    # As in the meter: a man's voice made a child's moves far more than a woman's, and must not set the scale.
    return (
        min(MOST_PITCH_ST, number(row["pitch_st"]) - plain["pitch_st"]),
        min(MOST_RESONANCE_ST, number(row["resonance_st"]) - plain["resonance_st"]),
    )


def text_of(tables: Mapping[str, object]) -> str:
    """TOML."""
    lines = ["# Where labels begin; made by bench/labels.py, which says how.", f'source = "{SOURCE}"']
    for name, table in tables.items():
        assert isinstance(table, dict)
        nested = {key: value for key, value in table.items() if isinstance(value, dict)}
        if not nested:
            lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())]
        for key, values in nested.items():
            lines += ["", f'[{name}."{key}"]', *(f"{inner} = {_value(value)}" for inner, value in values.items())]
    return "\n".join(lines) + "\n"


def number(value: object) -> float:
    assert isinstance(value, (int, float))
    return float(value)


def _value(value: object) -> str:
    return f"[{', '.join(f'{v:.4f}' for v in value)}]" if isinstance(value, list) else f"{number(value):.4f}"
