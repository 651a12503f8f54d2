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


def stress_fit(rows: Sequence[Row]) -> tuple[dict[str, object], list[str]]:
    """Weights of length, level and pitch by Fisher's discriminant of stressed words against all others, and the score
    from which on a word stands out; from texts of even number, tried on the others."""
    report: list[str] = []
    usable = [row for row in rows if row["excess"] and (row["word"] is None or row["spot"] is not None)]
    halves = [[row for row in usable if int(number(row["text"])) % 2 == half] for half in (0, 1)]
    points, stressed = _word_points(halves[0])
    within = np.cov(points[stressed].T) + np.cov(points[~stressed].T)
    weights = np.linalg.solve(within, points[stressed].mean(axis=0) - points[~stressed].mean(axis=0))
    weights /= np.abs(weights @ points[stressed].mean(axis=0))  # an average stressed word scores 1
    shown, flat = _best_scores(halves[0], weights)
    at = limit("stress", shown, flat, report)
    unheard = sum(row["word"] is not None and row["spot"] is None for row in rows)
    report.append(f"{len(rows)} readings, of {unheard} the stressed word was not heard")
    for name, half in zip(("fitted", "tried"), halves, strict=True):
        right, wrong, missed = 0, 0, 0
        for row in half:
            if row["word"] is None:
                continue
            scores = np.array(row["excess"]) @ weights
            spot = row["spot"]
            assert isinstance(spot, list)
            best = int(scores.argmax())
            if scores[best] < at:
                missed += 1
            elif spot[0] <= best <= spot[1]:
                right += 1
            else:
                wrong += 1
        flags = [s >= at for s in _best_scores(half, weights)[1]]
        report.append(
            f"{name}: right word {right}, wrong word {wrong}, none {missed} of {right + wrong + missed}; "
            f"plain flagged {sum(flags)} of {len(flags)}"
        )
    return {"weights": [float(w) for w in weights], "at": at}, report


def _word_points(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    points, stressed = [], []
    for row in rows:
        excess, spot = row["excess"], row["spot"]
        assert isinstance(excess, list)
        for index, values in enumerate(excess):
            inside = isinstance(spot, list) and spot[0] <= index <= spot[1]
            points.append(values)
            stressed.append(inside)
    return np.array(points), np.array(stressed)


def _best_scores(rows: Sequence[Row], weights: np.ndarray) -> tuple[list[float], list[float]]:
    """The highest score of a word: of the stressed word in readings that have one, of any in plain readings."""
    shown, flat = [], []
    for row in rows:
        scores = np.array(row["excess"]) @ weights
        spot = row["spot"]
        if row["word"] is None:
            flat.append(float(scores.max()))
        elif isinstance(spot, list):
            shown.append(float(scores[spot[0] : spot[1] + 1].max()))
    return shown, flat


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
    many = isinstance(value, (list, tuple))
    return f"[{', '.join(f'{v:.4f}' for v in value)}]" if many else f"{number(value):.4f}"
