"""Whether anything that a listener's machine gets tells systems apart whose speech is the same.

Two systems say the same. One delivers 24 kHz FLAC; the other 16 kHz WAV, and softer, or what a lossy coder left.
Annotators fetch their tasks over HTTP. For every match a classifier guesses which side is which, from all that was
received: headers, sizes, bytes, peaks, statistics of the samples, and times.

Every match is on a sample of its own. Two matches on one sample share the difference between its two answers, so their
guesses are right or wrong together, and an interval that counts them as independent is too narrow: it excluded one
half, above or below, where nothing was to be told. `--null` shows what the bench says of systems that are one.
"""

import argparse
import io
import json
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from s2s_arena.audio.files import read
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.identity import SampleId, StudyName, SuiteName, SystemName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take, response_key, take_of
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.studies import Sampling, Study
from s2s_arena.serve.app import create_app
from s2s_arena.serve.people.person import Conduct, Person, Role
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.people.tokens import Signer, new_id
from s2s_arena.serve.voting.hall import Hall, Library
from s2s_arena.store.sqlite import SqliteStore
from s2s_arena.testing.sound import babble

WIDE, NARROW = SystemName("wide"), SystemName("narrow")
QUOTA = 60
SECRET = b"a secret of the benchmark, 32 bytes"
STUDY = StudyName("blind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a system delivers its answers: rate, file format and subtype, and level against the other's."""

    rate_hz: int = 24000
    container: str = "FLAC"
    subtype: str | None = None
    level_db: float = 0.0
    squeeze: float | None = None  # of a lossy coder, 0 (best) to 1 (smallest)
    aac: int = 0  # bits a second of AAC, which the system's client decodes; 0: no AAC

    def deliver(self, wave: Waveform) -> bytes:
        """The file of an answer."""
        sent = resample(wave, self.rate_hz).samples * np.float32(10.0 ** (self.level_db / 20.0))
        if self.aac:
            sent = through_aac(sent, self.rate_hz, bits=self.aac)
        buffer = io.BytesIO()
        how: dict[str, Any] = {} if self.squeeze is None else {"compression_level": self.squeeze}
        if self.container == "MP3":
            how["bitrate_mode"] = "CONSTANT"
        soundfile.write(buffer, sent, self.rate_hz, format=self.container, subtype=self.subtype, **how)
        return buffer.getvalue()


def through_aac(samples: NDArray[np.float32], rate_hz: int, *, bits: int) -> NDArray[np.float32]:
    """What AAC makes of it, with the delay that its decoder leaves."""
    import av  # noqa: PLC0415  extra `remote`

    coded = io.BytesIO()
    with av.open(coded, "w", format="adts") as out:
        stream = out.add_stream("aac", rate=rate_hz, layout="mono")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = rate_hz
        for part in (frame, None):
            out.mux(stream.encode(part))
    coded.seek(0)
    with av.open(coded) as back:
        return np.concatenate([frame.to_ndarray()[0] for frame in back.decode(audio=0)])


CASES: Mapping[str, Delivery] = {
    "rate": Delivery(rate_hz=16000),
    "container": Delivery(container="WAV", subtype="FLOAT"),
    "level": Delivery(level_db=-9.0),
    "rate, container and level": Delivery(rate_hz=16000, container="WAV", subtype="PCM_16", level_db=-9.0),
    "MP3 80 kbit/s": Delivery(container="MP3", subtype="MPEG_LAYER_III", squeeze=0.5),
    "MP3 24 kbit/s": Delivery(container="MP3", subtype="MPEG_LAYER_III", squeeze=0.9),
    "Vorbis": Delivery(container="OGG", subtype="VORBIS"),
    "Opus 136 kbit/s": Delivery(container="OGG", subtype="OPUS", squeeze=0.5),
    "Opus 31 kbit/s": Delivery(container="OGG", subtype="OPUS", squeeze=0.9),
    "AAC 48 kbit/s": Delivery(container="WAV", aac=48_000),
}
LOSSLESS = tuple(CASES)[:4]


@dataclass(frozen=True, slots=True)
class Seen:
    """One match as a client saw it: what came for the first and the second, and which of them was `NARROW`."""

    sample: str
    narrow_first: bool
    first: Mapping[str, float]
    second: Mapping[str, float]


@contextmanager
def opened(
    folder: Path, narrow: Delivery, *, speech: Sequence[Waveform], **conduct: Any
) -> Iterator[tuple[Hall, TestClient]]:
    """A server on a study of the two systems, who say this speech, each in their way: one sample for each."""
    store = SqliteStore(folder / "arena.db", audio=folder / "audio")
    asked = store.put_audio(babble("asked", seconds=0.6, rate_hz=16000))
    made, records = [], []
    for n, said in enumerate(speech):
        id = SampleId(f"b{n:04d}")
        made.append(Sample(id=id, language="en", turns=(Turn(script="x", language="en", speech=asked),)))
        for system, how in ((WIDE, Delivery()), (NARROW, narrow)):
            given = how.deliver(said)
            key = response_key(sample=id, turn=0, audio=["a"], system=system, settings="s", seed=0)
            kept = store.put_audio(read(given, name="answer"), original=given)
            response = Response(key=key, sample=id, turn=0, system=system, settings="s", speech=kept)
            records += [response, take_of([response])]
    suite = Suite(name=SuiteName("blind"), samples=tuple(made))
    study = Study(
        name=STUDY,
        suite=suite.name,
        suite_hash=suite.hash,
        systems=(WIDE, NARROW),
        sampling=Sampling(round_size=min(len(speech), 200)),
    )
    store.put(suite, study, *records)
    takes = [record for record in records if isinstance(record, Take)]
    register = Register(folder / "people.db")
    plain: dict[str, Any] = {"listen": 0.0, "check": "off", "practice": False, "quota": QUOTA, "lease_s": 1e6}
    plain |= {"repeats": 0.0, "swaps": 0.0, "gold": 0.0, "overlap": 0.0, "even_edges": True}
    register.keep(Conduct(study=STUDY, **(plain | conduct)))
    library = Library(
        study=lambda name: study, suite=lambda study: suite, takes=lambda suite: takes, suites=lambda: (suite,)
    )
    hall = Hall(store, register, Signer(SECRET), library)
    with TestClient(create_app(hall, rate=1e6, burst=1e6), base_url="http://arena.test") as client:
        yield hall, client
    store.close()


def babbled(n: int, *, seed: int = 0) -> Waveform:
    """What both say to one sample."""
    return babble(f"said {seed}/{n}", seconds=1.0 + 0.05 * (n % 30), rate_hz=24000)


def collected(hall: Hall, client: TestClient, *, matches: int) -> list[Seen]:
    """What annotators get of so many matches, answers fetched in the order in which the page would play them."""
    found: list[Seen] = []
    while len(found) < matches:
        person = hall.keep(Person(id=new_id(), role=Role.ANNOTATOR, study=STUDY, began="x"))
        page = client.get(f"/join/{hall.signer.link(person)}", headers={"accept": "text/html"}).text
        key = page.partition('data-form-key="')[2].partition('"')[0]
        task = client.get("/api/task").json()["task"]
        for n in range(min(QUOTA, matches - len(found))):
            desk = hall.room(STUDY).desk
            match: Match = desk.matches[desk.assignment(task["assignment"], person).match]
            sides = {}
            for name in ("first", "second") if task["suggested"] == "first" else ("second", "first"):
                sides[name] = received(client, task["clips"][name]["url"])
            found.append(Seen(match.sample, match.first_system == NARROW, sides["first"], sides["second"]))
            vote = {"key": f"{n:08x}-0000-4000-8000-{person.id}", "assignment": task["assignment"], "both_bad": False}
            said = client.post("/api/vote", json=vote | {"outcome": "first"}, headers={"x-form-key": key}).json()
            task = said["next"].get("task")
    return found


def received(client: TestClient, url: str) -> dict[str, float]:
    """Everything about one clip, in numbers."""
    began = time.perf_counter()
    answer = client.get(url)
    clip_s = time.perf_counter() - began
    began = time.perf_counter()
    peaks = client.get(url + "/peaks")
    peaks_s = time.perf_counter() - began
    told = {"time clip": clip_s, "time peaks": peaks_s}
    told |= _of_headers(answer.headers, "clip") | _of_headers(peaks.headers, "peaks")
    content = answer.content
    return told | _of_bytes(content) | _of_peaks(peaks.json()) | _of_samples(content) | _of_spectrum(content)


def _of_headers(headers: Mapping[str, str], name: str) -> dict[str, float]:
    told = {f"{name} header {k}": float(zlib.crc32(v.encode())) for k, v in headers.items() if k != "date"}
    return told | {
        f"{name} headers": float(len(headers)),
        f"{name} header order": float(zlib.crc32(" ".join(headers).encode())),
        f"{name} length": float(headers["content-length"]),
    }


def _of_bytes(content: bytes) -> dict[str, float]:
    counts = np.bincount(np.frombuffer(content, dtype=np.uint8), minlength=256) / len(content)
    info = soundfile.info(io.BytesIO(content))
    return {
        "size": float(len(content)),
        "head": float(zlib.crc32(content[:44])),
        "packed": len(zlib.compress(content, 1)) / len(content),
        "entropy": float(-np.sum(counts[counts > 0] * np.log2(counts[counts > 0]))),
        "rate": float(info.samplerate),
        "channels": float(info.channels),
        "subtype": float(zlib.crc32(info.subtype.encode())),
        "after": float(zlib.crc32(content[-8:])),
    }


def _of_peaks(told: Mapping[str, Any]) -> dict[str, float]:
    peaks, (start, end, _) = np.array(told["peaks"]), told["turns"][0]
    found = {"peaks mean": peaks.mean(), "peaks top": peaks.max(), "peaks low": np.sort(peaks)[:80].mean()}
    found |= {"duration": told["duration_s"], "start": start, "end": end}
    found |= {f"end mod {n}": round(end * 24000) % n for n in (2, 3, 5, 160, 240, 480)}
    return {name: float(value) for name, value in found.items()}


def _of_samples(content: bytes) -> dict[str, float]:
    pcm, rate = soundfile.read(io.BytesIO(content), dtype="int16")
    x = pcm.astype(np.float64)
    frames = x[: len(x) // 480 * 480].reshape(-1, 480)
    power = np.log10(1.0 + np.square(np.abs(np.fft.rfft(frames * np.hanning(480), axis=1))))
    loud = np.argsort(np.square(frames).sum(axis=1))
    found: dict[str, float] = {}
    for name, rows in (("all", loud), ("quiet", loud[: len(loud) // 6]), ("loud", loud[-len(loud) // 6 :])):
        for band, level in enumerate(np.array_split(power[rows].mean(axis=0), 24)):
            found[f"{name} band {band}"] = float(level.mean())
    lead, tail = x[: round(0.2 * rate)], x[-round(0.02 * rate) :]
    found |= {"lead": lead.std(), "tail": tail.std(), "lead zeros": float(np.mean(lead == 0))}
    found |= {"level": 20 * np.log10(x.std()), "top": np.abs(x).max(), "mean": x.mean()}
    found |= {"crest": np.abs(x).max() / x.std(), "zeros": np.mean(x == 0), "odd": np.mean(pcm & 1)}
    found |= {f"lag {n}": float(np.mean(x[n:] * x[:-n]) / np.mean(x * x)) for n in (1, 2, 3)}
    found |= {"values": float(len(np.unique(pcm))), "over": float(np.mean(np.abs(x) > 32766))}
    above = np.flatnonzero(np.abs(x) > 200)
    return found | {"begins": float(above[0]), "ends": float(len(x) - above[-1])}


def _of_spectrum(content: bytes) -> dict[str, float]:
    """Where lossy coders leave their traces: holes, flatness and unrest of bands, the edge, noise before onsets."""
    x = soundfile.read(io.BytesIO(content), dtype="int16")[0].astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(x, 1024)[::512] * np.hanning(1024)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1))) + 1e-3
    decibels = 10.0 * np.log10(power)
    loud = np.argsort(power.sum(axis=1))[-len(power) // 2 :]
    found: dict[str, float] = {}
    for n, band in enumerate(np.array_split(np.arange(4, 512), 16)):
        levels = decibels[np.ix_(loud, band)]
        found[f"holes {n}"] = float(np.mean(levels < np.median(levels) - 20.0))
        found[f"spread {n}"] = float(levels.std())
        found[f"flatness {n}"] = float(levels.mean() - 10.0 * np.log10(power[np.ix_(loud, band)].mean()))
        found[f"unrest {n}"] = float(np.abs(np.diff(decibels[:, band].mean(axis=1))).mean())
    mean = decibels.mean(axis=0)
    found["edge"] = float(np.flatnonzero(mean > np.median(mean[-20:]) + 6.0).max(initial=0))
    steps = np.log10(np.add.reduceat(x * x, np.arange(0, len(x) - 240, 240)) + 1.0)
    rises = np.argsort(np.diff(steps))[-6:]
    found["before onsets"] = float(np.mean(steps[rises] - steps.min()))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """How often the classifier named the right side of matches on samples it had not learned from.

    Attributes:
        classifier: Its name.
        right: Of `matches`.
        matches: Those it was asked about; as many others it had learned from.
        told_by: The features that tell most by themselves, with the share of matches in which each is right.
    """

    classifier: str
    right: int
    matches: int
    told_by: Sequence[tuple[str, float]] = field(default=())

    @property
    def interval(self) -> tuple[float, float]:
        """Of the accuracy, 95 %, Wilson."""
        n, p, z = self.matches, self.right / self.matches, 1.959964
        middle, spread = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return float((middle - spread) / (1 + z * z / n)), float((middle + spread) / (1 + z * z / n))


def guessed(seen: Sequence[Seen], *, timing: bool, kinds: Sequence[str] = ("logistic", "forest")) -> list[Guessed]:
    """What two kinds of classifier make of the differences between the sides: learned on one half, asked on the other.

    No sample is in both halves. Cross-validation would use every match twice, but its counts are not binomial: folds
    that are left out are answered against the balance of the rest, and chance would look like knowledge.
    """
    names = sorted({name for match in seen for name in (*match.first, *match.second)})
    names = [name for name in names if timing or not name.startswith("time")]
    x = np.array([[m.first.get(name, 0.0) - m.second.get(name, 0.0) for name in names] for m in seen])
    y = np.array([match.narrow_first for match in seen])
    learned = np.array([int(match.sample[1:]) % 2 == 0 for match in seen])
    single = _alone(x, y)
    top = [(names[n], float(single[n])) for n in np.argsort(-single)[:4]]
    found = []
    for name, model in (
        ("logistic", make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))),
        ("forest", RandomForestClassifier(200, min_samples_leaf=3, random_state=0)),
    ):
        if name not in kinds:
            continue
        # With every match the same with its sides swapped: how often either side came first then tells nothing.
        model.fit(np.concatenate([x[learned], -x[learned]]), np.concatenate([y[learned], ~y[learned]]))
        told = model.predict_proba(x[~learned])[:, 1] > model.predict_proba(-x[~learned])[:, 1]
        right = int(np.sum(told == y[~learned]))
        found.append(Guessed(classifier=name, right=right, matches=len(told), told_by=top))
    return found


def _alone(x: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How often the sign of each difference names the side, whichever way round is better."""
    right = np.mean(np.where(y[:, None], x > 0, x < 0) + 0.5 * (x == 0), axis=0)
    better: NDArray[np.float64] = np.maximum(right, 1.0 - right)
    return better


def spoken(folder: Path, *, count: int, seconds: float = 1.6, rate_hz: int = 24000) -> list[Waveform]:
    """So many stretches of the recordings below a folder that have at least that rate, faded and in a quiet room."""
    rng = np.random.default_rng(0)
    frames, fade, pad = round(seconds * rate_hz), round(0.03 * rate_hz), round(0.08 * rate_hz)
    ramp = np.minimum(1.0, np.minimum(np.arange(frames), np.arange(frames)[::-1]) / fade)
    found: list[Waveform] = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".wav", ".flac")):
        if soundfile.info(path).samplerate < rate_hz:
            continue
        whole = resample(read(path), rate_hz).samples
        for start in range(0, len(whole) - frames + 1, frames)[:8]:
            part = whole[start : start + frames] * ramp
            if part.std() > 1e-3:
                part = np.pad(part * 0.05 / part.std(), pad) + rng.normal(0.0, 2e-4, frames + 2 * pad)
                found.append(Waveform(part.clip(-0.99, 0.99).astype(np.float32), rate_hz))
    if len(found) < count:
        raise SystemExit(
            f"{folder}: {len(found)} stretches of {seconds} s, {count} needed; give more, or fewer matches"
        )
    return [found[n] for n in rng.permutation(len(found))[:count]]


def main() -> None:
    """Every case, as served; and with `--open` as it would be if bands and edges were left as they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matches", type=int, default=820, help="half of them to learn from")
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES), metavar="CASE")
    parser.add_argument("--open", action="store_true", help="leave bands and edges as they are")
    parser.add_argument("--null", action="store_true", help="both systems deliver alike: there is nothing to be told")
    parser.add_argument("--seed", type=int, default=0, help="other babble, to see what was chance")
    parser.add_argument("--speech", type=Path, help="a folder of recordings, instead of babble")
    options = parser.parse_args()
    speech = (
        spoken(options.speech, count=options.matches)
        if options.speech
        else [babbled(n, seed=options.seed) for n in range(options.matches)]
    )
    results = {}
    for name in options.cases:
        narrow = Delivery() if options.null else CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            conduct = {"even_band": False, "even_edges": False} if options.open else {}
            with opened(Path(folder), narrow, speech=speech, **conduct) as (hall, client):
                seen = collected(hall, client, matches=options.matches)
        for timing in (False, True):
            for one in guessed(seen, timing=timing):
                low, high = one.interval
                told = ", ".join(f"{feature} {share:.2f}" for feature, share in one.told_by)
                kind = f"{one.classifier}{' with times' if timing else ''}"
                print(f"{name:28.28s} {kind:20s} {one.right}/{one.matches} [{low:.3f}, {high:.3f}]  alone: {told}")
                results[f"{name}/{kind}"] = (one.right / one.matches, low, high)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
