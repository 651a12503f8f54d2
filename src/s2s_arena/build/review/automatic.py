"""The automatic part of a review: signal, words, language and labels of every turn, gathered into one report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from s2s_arena.audio.checks import Limits, check, flags
from s2s_arena.audio.mixing import snr_of
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.languages import primary
from s2s_arena.build.noise import LEAD_S
from s2s_arena.build.review.ears import Ears
from s2s_arena.build.review.findings import Finding, LabelFinding, LabelMeter, Report
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.identity import JudgeName, content_hash
from s2s_arena.records.samples import Sample, Spoken, Suite, Turn
from s2s_arena.records.scores import Review
from s2s_arena.records.speech import AudioRef

VERSION = "2"  # part of the reviewer's name: raise it when a check or a limit changes
LEAST_AGREEMENT = 0.75
SNR_TOLERANCE_DB = 1.0  # between the ratio stated and the ratio measured
SURE = 0.6  # how sure ears must be of another language
LONG_ENOUGH_S = 1.5  # of shorter speech ears cannot tell the language
LIMITS = Limits(longest_s=60.0)
UNHEARD = frozenset({"sing", "whisper"})  # styles of which transcribers are wrong
PREFIX = "automatic:"

CleanOf = Callable[[AudioRef], AudioRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of checking a suite."""

    reviewer: JudgeName
    reports: tuple[Report, ...]

    @property
    def doubtful(self) -> tuple[Report, ...]:
        """Samples about which anything was found."""
        return tuple(report for report in self.reports if report.findings)


def run(
    suite: Suite,
    *,
    store: Store,
    ears: Ears | None = None,
    labels: LabelMeter | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Checks every sample and records the findings as a review of each.

    Args:
        suite: Its speech is in the store.
        store: Keeps the reviews; the same check of the same sample is recorded once.
        ears: Check words and language; without them neither is checked, and the reviewer's name says so.
        labels: Measures labels; the same holds.
        progress: Told of each sample.
    """
    reviewer = name_of(ears, labels)
    clean = clean_of(store)
    reports = []
    if progress:
        progress.begin("checking", len(suite.samples))
    for sample in suite.samples:
        report = examine(sample, store=store, clean=clean, ears=ears, labels=labels)
        store.put(
            Review(
                sample=sample.id,
                sample_hash=report.sample_hash,
                reviewer=reviewer,
                keep=report.keep,
                reason=", ".join(dict.fromkeys(f.kind for f in report.findings)),
                answers={f"{f.turn}:{f.kind}": f.message for f in report.findings},
            )
        )
        reports.append(report)
        if progress:
            progress.advance(sample.id)
    if progress:
        progress.end()
    return Summary(reviewer=reviewer, reports=tuple(reports))


def name_of(ears: Ears | None, labels: LabelMeter | None) -> JudgeName:
    """The name under which findings are kept: it says what was looked at, and with which instruments."""
    looked = ["signal", *(["words"] if ears else []), *(["labels"] if labels else [])]
    tools = content_hash(VERSION, ears.identity if ears else "", labels.identity if labels else "")
    return JudgeName(f"{PREFIX}{'+'.join(looked)}/{VERSION}-{tools[:8]}")


def clean_of(store: Store) -> CleanOf:
    """Finds the voice alone behind speech that the build has set in a background; other speech is its own."""
    mixed = {spoken.speech.hash: spoken.clean for spoken in store.all(Spoken)}
    return lambda speech: mixed.get(speech.hash, speech)


def examine(
    sample: Sample, *, store: Store, clean: CleanOf, ears: Ears | None = None, labels: LabelMeter | None = None
) -> Report:
    """What instruments find about one sample; the signal's silence, noise and edges are judged on the voice alone."""
    findings: list[Finding] = []
    measured: dict[str, float] = {}
    for index, turn in enumerate(sample.turns):
        if turn.speech is None:
            findings.append(Finding(turn=index, kind="unspoken", message="has no speech; build the suite first"))
            continue
        voice = clean(turn.speech)
        findings += _signal(index, turn, voice, store=store, measured=measured)
        dead = any(f.turn == index and f.kind in ("empty", "silent") for f in findings)
        if (
            ears is not None
            and not dead
            and turn.script
            and not UNHEARD & {turn.delivery.style, turn.labels.get("style")}
        ):
            findings += _words(index, turn, voice, ears=ears, measured=measured)
    told: Sequence[LabelFinding] = () if labels is None else tuple(labels.findings(sample))
    findings += [
        Finding(turn=f.turn, kind="label", message=f.message or f"{f.label} is not heard in it")
        for f in told
        if f.shown is False
    ]
    return Report(
        sample=sample.id,
        sample_hash=sample.hash,
        findings=tuple(findings),
        measured=measured,
        labels=tuple(told),
    )


def _signal(index: int, turn: Turn, voice: AudioRef, *, store: Store, measured: dict[str, float]) -> Iterator[Finding]:
    seen = check(store.audio(voice.hash))
    measured[f"{index}:duration_s"] = seen.duration_s
    measured[f"{index}:peak_dbfs"] = seen.peak_dbfs
    if seen.snr_db is not None:
        measured[f"{index}:snr_db"] = seen.snr_db
    # A corpus clip from a noisy place is meant to be noisy.
    stated = turn.background is not None or turn.labels.get("noise", "none") != "none"
    meant = {"noisy"} if stated else set()
    for flag in flags(seen, LIMITS):
        if flag not in meant:
            yield Finding(turn=index, kind=flag, message=f"{flag.replace('_', ' ')} ({seen.duration_s:.1f} s)")
    if turn.speech is not None and turn.speech.hash != voice.hash:
        yield from _mixture(index, turn, store.audio(voice.hash), store.audio(turn.speech.hash), measured=measured)


def _mixture(
    index: int, turn: Turn, voice: Waveform, mixed: Waveform, *, measured: dict[str, float]
) -> Iterator[Finding]:
    if check(mixed).clipping_share > LIMITS.clipping_share:
        yield Finding(turn=index, kind="clipped", message="clipped with its background")
    ratio = snr_of(mixed, voice, lead_s=LEAD_S)
    if ratio is None or turn.background is None:
        return
    measured[f"{index}:mixed_snr_db"] = ratio
    if abs(ratio - turn.background.snr_db) > SNR_TOLERANCE_DB:
        stated = f"{turn.background.snr_db:g} dB stated"
        yield Finding(turn=index, kind="snr", message=f"{ratio:.1f} dB over its background, {stated}")


def _words(index: int, turn: Turn, voice: AudioRef, *, ears: Ears, measured: dict[str, float]) -> Iterator[Finding]:
    heard = ears.hear(turn, voice)
    measured[f"{index}:agreement"] = heard.agreement
    if heard.agreement < LEAST_AGREEMENT:
        yield Finding(
            turn=index,
            kind="disagrees",
            message=f"{ears.identity} hears {heard.text!r} instead of {turn.script!r} ({heard.agreement:.2f})",
        )
    other = primary(heard.language) != primary(turn.language)
    # Words that came out right were said in their language, whatever the ears guess of it.
    wrong = other and heard.language_probability >= SURE and heard.agreement < LEAST_AGREEMENT
    if wrong and voice.duration_s >= LONG_ENOUGH_S:
        yield Finding(
            turn=index,
            kind="language",
            message=f"sounds like {heard.language} ({heard.language_probability:.2f}), not {turn.language}",
        )
