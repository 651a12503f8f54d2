"""Scripted ears, minds and voices for tests of the systems."""

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.models import registry
from s2s_arena.records.cues import Transcript


def tone(seconds=1.0, hz=220.0, rate_hz=16_000):
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return Waveform((0.1 * np.sin(2 * np.pi * hz * times)).astype(np.float32), rate_hz)


class Ears:
    identity = "ears"

    def __init__(self, text, language="en"):
        self.text, self.language, self.calls = text, language, 0

    def transcribe(self, speech, *, language=None):
        self.calls += 1
        return Transcript(text=self.text, language=self.language)


class Mind:
    identity = "mind"

    def __init__(self, *replies, plan=""):
        self.replies, self.plan, self.seen = list(replies), plan, []

    def write(self, messages, *, seed, temperature=0.0, max_tokens=256, schema=None):
        self.seen.append(messages)
        if schema is not None:
            return self.plan
        return self.replies.pop(0)

    def log_odds(self, messages, *, yes, no):
        return 0.0


class Voice:
    identity = "voice"

    def __init__(self, *languages):
        self.languages = frozenset(languages)
        self.said = []

    def speak(self, utterance, *, seed):
        self.said.append(utterance)
        return tone()


class Pitch:
    identity = "pitch"

    def track(self, speech):
        raise AssertionError("nothing to track in silence")


class FakeParts:
    def __init__(self, ears, mind, voice, folder=None):
        self._made = {"ears": ears, "mind": mind, "voice": voice}
        self.folder = folder

    def transcriber(self, name):
        return self._made["ears"]

    def writer(self, name):
        return self._made["mind"]

    def speaker(self, name):
        return self._made["voice"]

    def described(self, table):
        return registry.build(table["family"], {k: v for k, v in table.items() if k != "family"}, self)

    def perceiver(self):
        return None
