"""The public shapes of votes on speech, each turned into system_a, system_b, winner and what else is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from s2s_arena.errors import InputError
from s2s_arena.rank.reading.tables import ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a user wants a file to be read.

    Attributes:
        criterion: Which label decides in files that have several (TRACE).
        swapped: The answers were heard in the other order than the file names them in; words such as `a` mean the
            order heard, a people's label beside them the order named.
        level_scheme: `v1` (L0-L3) or `paper` (L1-L4) in files of the first release; None to tell by their values.
    """

    criterion: str = "overall"
    swapped: bool = False
    level_scheme: str | None = None


def _json(text: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _rows(frame: pl.DataFrame, made: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for record in made for name in record))
    columns = {name: pl.Series(name, [r.get(name) for r in made], dtype=pl.String) for name in names}
    return pl.DataFrame(columns).with_columns(frame[ROW])


def speakbench(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """SpeakBench annotations: the preferred one of model1 and model2, or tie."""
    extra = [name for name in ("judge", "annotator") if name in frame.columns][:1]
    return frame.select(
        ROW,
        pl.col("model1").alias("system_a"),
        pl.col("model2").alias("system_b"),
        pl.col("preference").alias("winner"),
        pl.col("data_ID").alias("sample"),
        *(pl.col(name).alias("judge") for name in extra),
    )


def both_positions(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """AudioJudge runs: one row a comparison, judged in both orders; the two orders share a group."""
    other = [c for c in frame.columns if c.endswith("_audio_path") and c != "model_audio_path"]
    if len(other) != 1:
        raise InputError(
            f"audiojudge: {len(other)} columns NAME_audio_path beside model_audio_path; exactly one names the opponent"
        )
    opponent = other[0].removesuffix("_audio_path")
    same = [
        pl.col("instruction_id").alias("sample"),
        pl.concat_str(pl.col("instruction_id"), pl.col("model_name"), separator="|").alias("group"),
    ]
    words = {"1": "a", "2": "b"}
    one = frame.select(
        ROW,
        pl.col("model_name").alias("system_a"),
        pl.lit(opponent).alias("system_b"),
        pl.col("position1_prediction").replace(words).alias("winner"),
        *same,
    )
    two = frame.select(
        ROW,
        pl.lit(opponent).alias("system_a"),
        pl.col("model_name").alias("system_b"),
        pl.col("position2_prediction").replace(words).alias("winner"),
        *same,
    )
    return pl.concat([one, two]).sort(ROW, maintain_order=True)


def labelled_pairs(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """AudioJudge data sets: a prediction beside the people's label. A swapped file keeps the label unswapped."""
    made: list[dict[str, str | None]] = []
    rows: list[int] = []
    other = {"1": "b", "2": "a"} if how.swapped else {"1": "a", "2": "b"}
    for record in frame.iter_rows(named=True):
        a, b = _maker(record["audio1_path"], record["audio2_path"])
        place = "|".join(sorted((record["audio1_path"] or "", record["audio2_path"] or "")))
        said: tuple[tuple[str, str, Mapping[str, str]], ...] = (
            ("prediction", "prediction", {"1": "a", "2": "b"}),
            ("ground_truth", "people", other),
        )
        for column, judge, words in said:
            if column in record:
                word = record[column]
                made.append(
                    {
                        "system_a": a,
                        "system_b": b,
                        "winner": words.get(word or "", word),
                        "judge": judge,
                        "sample": place,
                    }
                )
                rows.append(record[ROW])
    return _rows(pl.DataFrame({ROW: rows}), made)


def _maker(one: str | None, two: str | None) -> tuple[str | None, str | None]:
    """The systems of two recordings: the last part in which their paths differ."""
    if not one or not two:
        return one, two
    left, right = (PurePosixPath(path).with_suffix("").parts[::-1] for path in (one, two))
    return next(((a, b) for a, b in zip(left, right, strict=False) if a != b), (one, two))


def talk_arena(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """1 is a win of model_b, 0 of model_a, 0.5 a tie."""
    winner = pl.col("outcome").replace({"1": "b", "1.0": "b", "0": "a", "0.0": "a", "0.5": "tie"})
    return frame.select(
        ROW,
        pl.col("model_a").alias("system_a"),
        pl.col("model_b").alias("system_b"),
        winner.alias("winner"),
        pl.col("audio_hash").alias("sample"),
        *(pl.col("why").alias("reason") for name in ("why",) if name in frame.columns),
    )


LEVELS_V1 = {"L0": "L1", "L1": "L2", "L2": "L3", "L3": "L4"}
LANGUAGES = {"english": "en", "chinese": "zh", "japanese": "ja", "hindi": "hi"}
PREFIX = "output_path_"


def pilot(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """The human pilot: systems are the keys of the output paths; `chosen_model` and `result` must say the same."""
    scheme = how.level_scheme or (
        "paper" if (frame.get_column("level", default=pl.Series([""])) == "L4").any() else "v1"
    )
    levels = LEVELS_V1 if scheme == "v1" else {}
    made: list[dict[str, str | None]] = []
    for record in frame.iter_rows(named=True):
        a, b = record["model_a"], record["model_b"]
        chosen = (record["chosen_model"] or "").strip().upper()
        scores = _json(record.get("result"))
        won = [side for side, name in (("A", a), ("B", b)) if scores.get(str(name)) == 1]
        by_result = won[0] if len(won) == 1 else chosen
        contradicts = chosen in ("A", "B") and by_result != chosen
        made.append(
            {
                "system_a": None if a is None else a.removeprefix(PREFIX),
                "system_b": None if b is None else b.removeprefix(PREFIX),
                "winner": f"{chosen} but result says {by_result}" if contradicts else chosen.lower() or None,
                "judge": record.get("name"),
                "sample": record.get("id"),
                "level": levels.get(record.get("level") or "", record.get("level")),
                "domain": DOMAINS_V1.get((record.get("category") or "").strip().lower(), record.get("category")),
                "task": record.get("task"),
                "language": LANGUAGES.get((record.get("language") or "").lower(), record.get("language")),
                "script": record.get("text"),
                "audio_a": record.get(a) if a else None,
                "audio_b": record.get(b) if b else None,
                "audio_input": record.get("input_path"),
            }
        )
    return _rows(frame, made)


DOMAINS_V1 = {
    "education": "education",
    "social companionship": "social",
    "social interaction": "social",
    "social": "social",
    "entertainment": "entertainment",
    "medical consultation": "medical",
    "medical": "medical",
}


def trace(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """TRACE labels: 1, 2, both_good or both_bad on four scales; the file is sorted as text, play is by number."""
    made: list[dict[str, str | None]] = []
    words = {"1": "a", "2": "b"}
    for record in frame.iter_rows(named=True):
        label = {name: str(value) for name, value in _json(record["label"]).items()}
        if how.criterion not in label and label:
            raise InputError(f"TRACE: no label {how.criterion}; it has {', '.join(label)}")
        tag, _, script = (record.get("instruction_text") or "").partition("]")
        name, sign, value = tag.removeprefix("[").partition(":")
        tagged = bool(script) and tag.startswith("[") and bool(sign)
        said = label.get(how.criterion)
        made.append(
            {
                "system_a": record["model_a"],
                "system_b": record["model_b"],
                "winner": words.get(said or "", said),
                "sample": record.get("instruction_id") or record.get("instruction_path"),
                "script": script.strip() if tagged else record.get("instruction_text"),
                "audio_a": record.get("audio1_path"),
                "audio_b": record.get("audio2_path"),
                "audio_input": record.get("instruction_path"),
                **({name.strip(): value.strip()} if tagged else {}),
                **{f"criterion:{part}": words.get(value, value) for part, value in label.items() if part != "overall"},
            }
        )
    turned = _rows(frame, made)
    number = frame["index"].cast(pl.Int64, strict=False)
    return turned.with_columns(number.alias("_place")).sort("_place", maintain_order=True).drop("_place")


def one_hot(frame: pl.DataFrame, how: Reading) -> pl.DataFrame:
    """LMSYS votes as three columns of 0 and 1."""
    one = pl.col("winner_model_a").cast(pl.Float64, strict=False) == 1.0
    two = pl.col("winner_model_b").cast(pl.Float64, strict=False) == 1.0
    tie = pl.col("winner_tie").cast(pl.Float64, strict=False) == 1.0
    winner = pl.when(one & ~two & ~tie).then(pl.lit("a")).when(two & ~one & ~tie).then(pl.lit("b"))
    return frame.with_columns(winner.when(tie & ~one & ~two).then(pl.lit("tie")).alias("winner"))
