"""The data card of a published suite: what is in it, where it comes from, who reviewed it, under which licence."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from s2s_arena.build.publishing.rights import Rights
from s2s_arena.build.publishing.tables import COLUMNS, Shard
from s2s_arena.build.review.freezing import is_frozen
from s2s_arena.build.splits import SPLITS, split_of
from s2s_arena.build.statistics import statistics
from s2s_arena.records.samples import Sample, Suite

_DTYPES = {"string": "string", "int32": "int32", "float32": "float32", "audio": "audio"}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_ORIGINS: Mapping[str, str] = {
    "synthetic": "spoken by synthetic voices",
    "recorded": "recorded by people for this suite",
    "corpus": "taken from corpora",
}


def about(suite: Suite) -> str:
    """The suite in two sentences, for the card and the metadata."""
    spoken = sum(any(turn.speech for turn in sample.turns) for sample in suite.samples)
    return (
        f"{suite.description or 'Spoken tests for speech-to-speech systems.'} {spoken} spoken samples of the suite "
        f"'{suite.name}', version {suite.version}, for evaluating whether a system hears how something is said and "
        "answers in a fitting way. Built with S2S-Arena."
    )


def card(suite: Suite, shards: Sequence[Shard], rights: Rights, *, tombstones: Sequence[str] = ()) -> str:
    """The text of README.md, whose head tells `datasets` what the columns and splits are.

    Args:
        suite: What is published.
        shards: Its files.
        rights: What it is published under.
        tombstones: One line for each sample that was withdrawn from it.
    """
    parts = [
        _head(suite, shards, rights),
        f"# {suite.name}\n\n{about(suite)}\n",
        _use(suite),
        _provenance(suite.samples),
        _reviewed(suite),
        _counts(suite.samples),
        _licences(suite.samples, rights),
        _notices(suite.samples),
        _withdrawn(tombstones),
        _columns(),
    ]
    return "\n".join(part for part in parts if part)


def _head(suite: Suite, shards: Sequence[Shard], rights: Rights) -> str:
    lines = ["---", f"license: {rights.licence.lower()}", "language:"]
    lines += [f"- {language}" for language in sorted({s.language.split("-")[0] for s in suite.samples})]
    size = next((name for most, name in _SIZES if len(suite.samples) < most), "n>1M")
    lines += [f"pretty_name: {json.dumps(suite.name, ensure_ascii=False)}", "size_categories:", f"- {size}"]
    lines += ["task_categories:", "- audio-to-audio", "tags:"]
    lines += [f"- {tag}" for tag in ("speech", "speech-to-speech", "paralinguistics", "evaluation")]
    lines += ["configs:", "- config_name: default", "  data_files:"]
    splits = list(dict.fromkeys(shard.split for shard in shards))
    for split in splits:
        lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    lines += ["dataset_info:", "  features:"]
    for column in COLUMNS:
        lines.append(f"  - name: {column.name}")
        # `sequence`, not `list`: older releases of `datasets` know only this word.
        lines.append("    sequence: string" if column.kind == "strings" else f"    dtype: {_DTYPES[column.kind]}")
    lines.append("  splits:")
    for split in splits:
        of_split = [shard for shard in shards if shard.split == split]
        lines += [
            f"  - name: {split}",
            f"    num_examples: {sum(s.rows for s in of_split)}",
            f"    num_bytes: {sum(s.raw for s in of_split)}",
        ]
    size_bytes = sum(shard.size for shard in shards)
    raw_bytes = sum(shard.raw for shard in shards)
    return "\n".join([*lines, f"  download_size: {size_bytes}", f"  dataset_size: {raw_bytes}", "---", ""])


def _use(suite: Suite) -> str:
    return f"""## Use

```python
import io

import soundfile
from datasets import Audio, load_dataset

suite = load_dataset("path/of/this/folder")
for split in suite.values():
    # Without torchcodec, `datasets` cannot decode audio by itself.
    for row in split.cast_column("audio", Audio(decode=False)):
        samples, rate_hz = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
```

`s2s-arena suite import FOLDER --format published` brings it back into a workspace with the same hash
(`{suite.hash}`), which covers every label and every sample of audio. `croissant.json` describes the same files for
other tools, `suite.json` holds the suite's own record.
"""


def _provenance(samples: Sequence[Sample]) -> str:
    origins = Counter(sample.provenance.origin for sample in samples)
    lines = [f"* {count} {_ORIGINS.get(origin, origin)}" for origin, count in origins.most_common()]
    text = "## Where the speech comes from\n\n" + "\n".join(lines) + "\n"
    if set(origins) == {"synthetic"}:
        text += (
            "\nAll of the speech is synthetic. In the seed set of the S2S-Arena paper people speak the strong cues, so "
            "this suite is a variant of that set, and figures on the two are not comparable.\n"
        )
    voices = Counter(turn.voice for sample in samples for turn in sample.turns if turn.voice)
    if voices:
        listed = ", ".join(f"{voice} ({_many(count, 'turn')})" for voice, count in voices.most_common())
        text += f"\nSynthetic voices: {listed}.\n"
    machines = Counter(sample.attributes["voice_quality"] for sample in samples if "voice_quality" in sample.attributes)
    for quality, count in machines.most_common():
        text += f"\n{_many(count, 'sample')} by a voice that nobody takes for a person's ({quality}).\n"
    speakers = {s.attributes["speaker"] for s in samples if "speaker" in s.attributes}
    if speakers:
        who = "1 person speaks" if len(speakers) == 1 else f"{len(speakers)} people speak"
        text += f"\n{who} in it, under pseudonyms; each consented to publication.\n"
    return text


def _reviewed(suite: Suite) -> str:
    if not is_frozen(suite):
        return "## Review\n\nNone: this is a draft that nobody has reviewed.\n"
    record = suite.build
    lines = [f"* rule: {record.get('review:rule', '')}", f"* instruments: {record.get('review:instruments', '')}"]
    lines.append(f"* people: {record.get('review:people', '0')}")
    for key, name in (("review:agreement", "agreement of pairs"), ("review:alpha", "Krippendorff's alpha")):
        if key in record:
            lines.append(f"* {name}: {record[key]}")
    left_out = [part for part in record.get("review:discarded", "").split("; ") if part]
    flagged = record.get("review:flagged", "").split()
    lines.append(f"* kept {record.get('review:kept', '')}, left out {len(left_out)}")
    if flagged:
        lines.append(f"* kept although instruments flag them: {', '.join(flagged)}")
    return "## Review\n\n" + "\n".join(lines) + "\n"


def _counts(samples: Sequence[Sample]) -> str:
    counted = statistics(samples)
    levels = list(counted.levels)
    rows = [("domain", "task", *levels, "total")]
    rows += [
        (t.domain or "", t.task or "", *(str(t.levels.get(level, 0)) for level in levels), str(t.total))
        for t in counted.tasks
    ]
    totals = ("all", "", *(str(counted.levels[level]) for level in levels), str(counted.samples))
    splits = Counter(split_of(sample) for sample in samples)
    text = f"## Statistics\n\n{_many(counted.samples, 'sample')}, {counted.audio_s / 60:.1f} minutes of speech, "
    text += f"{_many(counted.twin_groups, 'pair')} of twins, {_many(counted.with_background, 'sample')} with "
    text += "background noise.\n\n"
    text += _table([*rows, totals])
    text += "\n" + _table([("split", "samples"), *((s, str(splits[s])) for s in SPLITS if splits[s])])
    return text + "\n" + _table([("language", "samples"), *((k, str(v)) for k, v in counted.languages.items())])


def _licences(samples: Sequence[Sample], rights: Rights) -> str:
    parts = Counter((_source(s), s.provenance.origin, rights.of[s.id]) for s in samples)
    backgrounds = Counter(
        (s.attributes["noise_source"], "background", s.attributes.get("noise_licence", ""))
        for s in samples
        if "noise_source" in s.attributes
    )
    rows = [("source", "origin", "licence", "samples")]
    rows += [(*part, str(count)) for part, count in (*parts.most_common(), *backgrounds.most_common())]
    return (
        f"## Licence and credit\n\nThe collection is under {rights.licence}, which demands all that any part of it "
        "demands; each sample keeps its own licence, in the column `licence`. Whoever passes it on credits these "
        "sources:\n\n" + _table(rows)
    )


def _source(sample: Sample) -> str:
    own = "scripts of this suite" if sample.provenance.origin == "synthetic" else "not stated"
    return sample.provenance.source or own


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _notices(samples: Sequence[Sample]) -> str:
    notices = Counter(sample.provenance.notice for sample in samples if sample.provenance.notice)
    if not notices:
        return ""
    return "## Notices\n\n" + "\n".join(f"* {text} ({count} samples)" for text, count in notices.items()) + "\n"


def _withdrawn(tombstones: Sequence[str]) -> str:
    if not tombstones:
        return ""
    lines = "\n".join(f"* {line}" for line in tombstones)
    return f"## Withdrawn\n\nSpeakers withdrew these samples. Please delete older copies of this suite.\n\n{lines}\n"


def _columns() -> str:
    return "## Columns\n\n" + _table([("column", "what it holds"), *((c.name, c.meaning) for c in COLUMNS)])


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"
