"""The label meter: whether the speech of a sample shows each of its labels, and whether plain speech shows none."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from s2s_arena.audio.mixing import snr_of
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.checks import words
from s2s_arena.build.labels import measures
from s2s_arena.build.labels.measures import Measured
from s2s_arena.build.labels.plain_readings import PlainReadings
from s2s_arena.build.labels.stress import Excess, excesses, score
from s2s_arena.build.labels.thresholds import Plain, Thresholds, shipped
from s2s_arena.build.languages import spaced
from s2s_arena.build.noise import LEAD_S
from s2s_arena.build.review.findings import LabelFinding
from s2s_arena.cues.words import place
from s2s_arena.errors import StoreError
from s2s_arena.protocols import PitchTracker, Store, Transcriber
from s2s_arena.records.identity import SampleId, content_hash
from s2s_arena.records.samples import Sample, Spoken, Turn
from s2s_arena.records.scores import Score

VERSION = "3"
KINDS = ("pace", "pitch", "pause", "emphasis", "age", "style", "loudness", "noise")
"""Labels that have an instrument; of ages child and adult, of styles whisper."""

CONTROLS = ("pace", "pitch", "pause", "emphasis", "age", "style")
"""What a plain reading must not show."""

MOST_PITCH_ST, MOST_RESONANCE_ST = 6.0, 3.0
"""More than this over plain is no more of a child."""

ONE_IN = 6
_PHRASE = 2  # characters of a control's phrase where words are not spaced


@dataclass(frozen=True, slots=True)
class _Case:
    """One turn with what was measured of it."""

    turn: Turn
    measured: Measured
    plain: Plain | None
    mixed_snr_db: float | None
    beside: Callable[[], tuple[Excess, ...]]  # words beside their plain reading; nothing where there is none


class LabelMeter:
    """Measures labels with swift-f0, the transcriber's word times and the signal; the speech was made by none of these.

    What it finds is kept in the store by audio, label and thresholds, so that nothing is heard twice.

    Args:
        store: Holds the suite's speech.
        pitch: Not the instrument that shaped it.
        ears: Find words in time; without them stress and pauses cannot be measured.
        thresholds: From where on a label is shown; those that ship by default.
        plain: Reads turns again without their delivery; without it stress cannot be measured.
    """

    def __init__(
        self,
        store: Store,
        *,
        pitch: PitchTracker,
        ears: Transcriber | None,
        thresholds: Thresholds | None = None,
        plain: PlainReadings | None = None,
    ) -> None:
        self._store = store
        self._pitch = pitch
        self._ears = ears
        self._thresholds = thresholds or shipped()
        self._plain = plain
        self._clean = {spoken.speech.hash: spoken.clean for spoken in store.all(Spoken)}
        self._last: tuple[SampleId, int, _Case] | None = None

    @property
    def identity(self) -> str:
        """Instruments and thresholds."""
        ears = self._ears.identity if self._ears else "no ears"
        again = "" if self._plain is None else "; plain readings"
        return f"labels/{VERSION}({self._pitch.identity}; {ears}; {self._thresholds.hash[:12]}{again})"

    def findings(self, sample: Sample) -> Iterator[LabelFinding]:
        """One finding for each label of each turn that has speech; `shown` is None where no instrument can tell."""
        for index, turn in enumerate(sample.turns):
            if turn.speech is None:
                continue
            for key, value in turn.labels.items():
                check = _CHECKS.get(key)
                if check is not None and (key, value) not in _UNREMARKABLE:
                    yield self._kept(sample, index, key, value, check)

    def controls(self, sample: Sample) -> Iterator[LabelFinding]:
        """For each plain turn, one finding for each kind of `CONTROLS`: `shown` is False where it shows none.

        Stress, for which a turn is read and heard again, in one of `ONE_IN` samples.
        """
        for index, turn in enumerate(sample.turns):
            plain = turn.delivery.neutral and turn.traits.age in (None, "adult") and turn.respelling is None
            if turn.speech is None or not plain or turn.labels.get("pace", "normal") != "normal":
                continue
            drawn = int(content_hash("stress control", sample.id)[:8], 16) % ONE_IN == 0
            for kind in CONTROLS if drawn else tuple(kind for kind in CONTROLS if kind != "emphasis"):
                yield self._kept(sample, index, kind, "", _FALSE_ALARMS[kind])

    def _kept(self, sample: Sample, index: int, key: str, value: str, check: "_Check") -> LabelFinding:
        turn = sample.turns[index]
        assert turn.speech is not None
        label = f"{key}={value}" if value else key
        told = (turn.delivery, turn.traits.gender, turn.language, turn.respelling, turn.voice)
        subject = content_hash("label", turn.speech.hash, turn.script, told, label, bool(value))
        blank = Score(subject=subject, scale="label", judge=self.identity, value=0.0)
        score = self._store.get(Score, blank.key)
        if score is None:
            shown, message = check(self._case(sample, index), value, self._thresholds)
            number = 0.0 if shown is None else 1.0 if shown else -1.0
            score = Score(
                subject=subject, scale="label", judge=self.identity, value=number, reason=message, raw=str(sample.id)
            )
            self._store.put(score)
        return LabelFinding(
            turn=index, label=label, shown=None if score.value == 0.0 else score.value > 0.0, message=score.reason
        )

    def _case(self, sample: Sample, index: int) -> _Case:
        if self._last is not None and self._last[:2] == (sample.id, index):
            return self._last[2]
        turn = sample.turns[index]
        if turn.speech is None:
            raise StoreError(f"sample {sample.id} turn {index}: has no speech; build the suite first")
        ref = self._clean.get(turn.speech.hash, turn.speech)
        voice = self._store.audio(ref.hash)
        snr = None
        if turn.background is not None and ref.hash != turn.speech.hash:
            snr = snr_of(self._store.audio(turn.speech.hash), voice, lead_s=LEAD_S)
        listens = turn.delivery.style not in ("whisper", "sing")
        case = _Case(
            turn,
            measures.measure(voice, turn, pitch=self._pitch, ears=self._ears if listens else None),
            self._thresholds.plain(voice=turn.voice, gender=turn.traits.gender, language=turn.language),
            snr,
            lambda: self._beside(sample, index, voice) if listens else (),
        )
        self._last = (sample.id, index, case)
        return case

    def _beside(self, sample: Sample, index: int, voice: Waveform) -> tuple[Excess, ...]:
        plain = self._plain.read(sample, index) if self._plain is not None else None
        if plain is None or self._ears is None:
            return ()
        heard = self._ears.transcribe(resample(plain, measures.HEARING_HZ), language=sample.turns[index].language)
        return excesses(voice, plain, heard.words, pitch=self._pitch)


_Told = tuple[bool | None, str]
_Check = Callable[[_Case, str, Thresholds], _Told]

_UNREMARKABLE = frozenset({("pace", "normal"), ("loudness", "normal"), ("noise", "none")})


def pace_of(case: _Case, thresholds: Thresholds) -> float | None:
    """Logarithm of the pace over that of the same voice reading the same words plainly, as far as texts tell it."""
    line = thresholds.pace.get(case.turn.language.split("-")[0])
    if case.measured.rate is None or line is None or case.plain is None:
        return None
    return float(np.log(case.measured.rate) - line.level - line.slope * case.measured.letters - case.plain.pace)


def _pace(case: _Case, want: str, at: Thresholds) -> _Told:
    pace = pace_of(case, at)
    if pace is None or want not in ("fast", "slow"):
        return None, "pace is not measurable here"
    factor = f"{np.exp(pace):.2f} of the plain pace"
    if want == "fast":
        return pace >= at.limits.fast, f"{factor}, fast from {np.exp(at.limits.fast):.2f}"
    return pace <= at.limits.slow, f"{factor}, slow to {np.exp(at.limits.slow):.2f}"


def _pitch(case: _Case, want: str, at: Thresholds) -> _Told:
    if case.measured.pitch_st is None or case.plain is None or want not in ("low", "high"):
        return None, "pitch is not measurable here"
    above = case.measured.pitch_st - case.plain.pitch_st
    if want == "high":
        return above >= at.limits.high_st, f"{above:+.1f} st over plain, high from {at.limits.high_st:+.1f}"
    return above <= at.limits.low_st, f"{above:+.1f} st over plain, low to {at.limits.low_st:+.1f}"


def _pause(case: _Case, want: str, at: Thresholds) -> _Told:
    seconds = measures.pause(case.measured, want)
    if seconds is None:
        return None, f"no ears found {want!r}"
    return seconds >= at.limits.pause_s, f"{seconds:.2f} s after {want!r}, a pause from {at.limits.pause_s:.2f} s"


def _emphasis(case: _Case, want: str, at: Thresholds) -> _Told:
    """Whether the word stands out, and no word does more that is not stressed too; without a word, whether any does."""
    if at.stress is None:
        return None, "no threshold of stress was fitted"
    words = case.beside()
    if not words:
        return None, "no plain reading by the same voice to compare with"
    names = [word.word for word in words]
    scores = [score(word, at.stress.weights) for word in words]
    best = int(np.argmax(scores))
    if not want:
        return scores[best] >= at.stress.at, f"{names[best]!r} stands out most, by {scores[best]:.2f}"
    spots = [place(word, names, case.turn.language) for word in (want, *case.turn.delivery.emphasis)]
    if spots[0] is None:
        return None, f"no ears found {want!r}"
    meant = {n for spot in spots if spot is not None for n in range(spot[0], spot[1] + 1)}
    own = max(scores[spots[0][0] : spots[0][1] + 1])
    limit = at.stress.at
    told = f"{want!r} stands out by {own:.2f}, {names[best]!r} most by {scores[best]:.2f}, stressed from {limit:.2f}"
    return own >= limit and best in meant, told


def _age(case: _Case, want: str, at: Thresholds) -> _Told:
    pitch, resonance = case.measured.pitch_st, case.measured.resonance_st
    if pitch is None or resonance is None or case.plain is None or want not in ("child", "adult"):
        return None, "no instrument for this age, or too little voicing"
    constant, by_pitch, by_resonance = at.limits.child
    higher, shorter = pitch - case.plain.pitch_st, resonance - case.plain.resonance_st
    score = constant + by_pitch * min(MOST_PITCH_ST, higher) + by_resonance * min(MOST_RESONANCE_ST, shorter)
    told = f"pitch {higher:+.1f} st, resonances {shorter:+.1f} st over plain: {score:+.2f}, a child above 0"
    return (score > 0) == (want == "child"), told


def _style(case: _Case, want: str, at: Thresholds) -> _Told:
    if want != "whisper":
        return None, "no instrument for this style"
    share = case.measured.voiced_share
    return share <= at.limits.whisper, f"{share:.2f} of it voiced, a whisper to {at.limits.whisper:.2f}"


def _loudness(case: _Case, want: str, at: Thresholds) -> _Told:
    lufs = case.measured.loudness_lufs
    if lufs is None or want not in ("soft", "loud"):
        return None, "loudness is not measurable here"
    if want == "soft":
        return lufs <= at.limits.soft_lufs, f"{lufs:.1f} LUFS, soft to {at.limits.soft_lufs:.1f}"
    return lufs >= at.limits.loud_lufs, f"{lufs:.1f} LUFS, loud from {at.limits.loud_lufs:.1f}"


def _noise(case: _Case, want: str, at: Thresholds) -> _Told:
    background = case.turn.background
    if background is None or case.mixed_snr_db is None:
        return None, "the voice alone is not known, so no ratio can be measured"
    off = case.mixed_snr_db - background.snr_db
    return abs(off) <= at.limits.snr_db, f"{case.mixed_snr_db:.2f} dB measured, {background.snr_db:g} dB stated"


def _any_of(check: _Check, *wants: str) -> _Check:
    """Whether the case shows any of the wants."""

    def told(case: _Case, _: str, at: Thresholds) -> _Told:
        found = [check(case, want, at) for want in wants]
        known = [one for one in found if one[0] is not None]
        if not known:
            return found[0]
        return next((one for one in known if one[0]), known[0])

    return told


def _by_lot(check: _Check) -> _Check:
    """Whether the case shows it of a word in its middle, chosen by lot of the script."""

    def told(case: _Case, _: str, at: Thresholds) -> _Told:
        word = control_word(case.turn)
        return (None, "too short for a control") if word is None else check(case, word, at)

    return told


def control_word(turn: Turn) -> str | None:
    """A word in the middle of the script that no punctuation follows, by lot of the script."""
    rng = np.random.default_rng(int(content_hash("control", turn.script)[:12], 16))
    if spaced(turn.language):
        pieces = turn.script.split()
        return measures.plain_word([w for w in pieces if w.isalpha() or w in (pieces[0], pieces[-1])], rng)
    runs = [run for run in "".join(c if c.isalnum() else " " for c in turn.script).split() if len(run) > _PHRASE + 1]
    if not runs or not words(turn.script):
        return None
    run = runs[int(rng.integers(len(runs)))]
    start = int(rng.integers(0, len(run) - _PHRASE))
    return run[start : start + _PHRASE]


_CHECKS: Mapping[str, _Check] = {
    "pace": _pace,
    "pitch": _pitch,
    "pause": _pause,
    "emphasis": _emphasis,
    "age": _age,
    "style": _style,
    "loudness": _loudness,
    "noise": _noise,
}

_FALSE_ALARMS: Mapping[str, _Check] = {
    "pace": _any_of(_pace, "fast", "slow"),
    "pitch": _any_of(_pitch, "low", "high"),
    "pause": _by_lot(_pause),
    "emphasis": _emphasis,
    "age": _any_of(_age, "child"),
    "style": _any_of(_style, "whisper"),
}
