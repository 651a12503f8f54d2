"""What texts are about: centres, likeness kept once, and what it does to a decision."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.errors import InputError
from s2s_arena.judge import local
from s2s_arena.judge.gist import (
    REPLY_WORDS,
    REQUESTS_KEPT,
    Centres,
    Gist,
    beginning,
    centres_of,
    load_centres,
    shipped_centres,
)
from s2s_arena.judge.local import LocalJudge
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import content_prompts, gist_prompts
from s2s_arena.judge.topic import BY_GIST
from s2s_arena.records.scores import Score
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.store.memory import MemoryStore
from tests.judge.parts import Ears, Mind, Said, compared, expecting, sample
from tests.judge.test_topic import Letters

COMMON = np.array([0.0, 0.0, 5.0, 0.0], dtype=np.float32)
WIDEST = np.array([0.0, 0.0, 0.0, 1.0], dtype=np.float32)


class Reads:
    """Two subjects, fruit and time, beside what all texts have in common and a language."""

    identity = "reads/1"

    def __init__(self) -> None:
        self.read: list[str] = []

    def vector(self, text: str) -> np.ndarray:
        self.read.append(text)
        subject = [text.lower().count("banana"), text.lower().count("time") + text.lower().count("clock")]
        return np.array([*subject, 5.0, 9.0 if "é" in text else -9.0], dtype=np.float32)


def centres(reader: str = Reads.identity) -> Centres:
    return Centres(reader=reader, request=COMMON, reply=COMMON, widest=WIDEST)


def gist(reader: Reads, store: MemoryStore | None = None) -> Gist:
    return Gist(reader, prompts=gist_prompts(), centres=centres(), notebook=Notebook(store or MemoryStore()))


def test_texts_about_the_same_are_alike_and_others_are_not_whatever_their_language():
    one = gist(Reads())
    assert one.likeness("What time is it?", "It is four o'clock.") == pytest.approx(1.0)
    assert one.likeness("What time is it?", "Bananas are yellow.") == pytest.approx(0.0)
    assert one.likeness("What time is it?", "It is four o'clock, chérie.") == pytest.approx(1.0)
    assert one.likeness("Well?", "Bananas are yellow.") == 0.0  # nothing but what is common: no direction


def test_a_request_is_read_once_and_a_likeness_kept():
    reader, store = Reads(), MemoryStore()
    book = Notebook(store)
    one = Gist(reader, prompts=gist_prompts(), centres=centres(), notebook=book)
    first = [one.likeness("What time is it?", reply) for reply in ("Four.", "It is time.", "Four.")]
    assert sorted(text[:10] for text in reader.read) == ["The reply ", "The reply ", "The reques"]
    store.put(*book.take_new())
    assert {score.scale for score in store.all(Score)} == {"likeness:about"}
    again = Reads()
    assert [gist(again, store).likeness("What time is it?", "It is time.")] == first[1:2]
    assert again.read == []


def test_no_more_than_some_requests_are_remembered():
    reader = Reads()
    one = gist(reader)
    for n in range(REQUESTS_KEPT + 1):
        one.likeness(f"What time is it, {n}?", "Four.")
    before = len(reader.read)
    one.likeness(f"What time is it, {REQUESTS_KEPT}?", "Five.")  # still known: one text to read
    assert len(reader.read) == before + 1
    one.likeness("What time is it, 0?", "Five.")  # forgotten: two
    assert len(reader.read) == before + 3


def test_only_the_beginning_of_a_text_is_read():
    words = " ".join(f"word{n}" for n in range(60))
    assert beginning(words, REPLY_WORDS).split() == words.split()[:REPLY_WORDS]
    assert beginning("四" * 300, REPLY_WORDS) == "四" * (2 * REPLY_WORDS)
    assert beginning("It is four.", REPLY_WORDS) == "It is four."
    assert beginning("", REPLY_WORDS) == ""


def test_centres_of_vectors_by_hand(tmp_path: Path):
    # Requests at (1, ±3), replies at (2, ±3): means (1, 0) and (2, 0), and they differ most along the second axis.
    requests, replies = (np.array([[x, 3.0], [x, -3.0]], dtype=np.float32) for x in (1.0, 2.0))
    made = centres_of("reads/1", requests, replies)
    assert made.request == pytest.approx([1.0, 0.0])
    assert made.reply == pytest.approx([2.0, 0.0])
    assert np.abs(made.widest) == pytest.approx([0.0, 1.0])
    assert made.of_reply(np.array([7.0, 4.0], dtype=np.float32)) == pytest.approx([1.0, 0.0])
    assert made.of_request(requests).shape == requests.shape
    made.save(tmp_path / "new" / "centres.npz")
    assert load_centres(tmp_path / "new" / "centres.npz").hash == made.hash


def test_what_is_no_file_of_centres_is_named(tmp_path: Path):
    (tmp_path / "a.npz").write_bytes(b"no")
    with pytest.raises(InputError, match=r"a\.npz: no centres of texts .* bench\.topic --write"):
        load_centres(tmp_path / "a.npz")
    with pytest.raises(InputError, match="three vectors of one length"):
        Centres(reader="reads/1", request=COMMON, reply=COMMON[:2], widest=WIDEST)
    with pytest.raises(InputError, match="the centres are those of another/1; name that mind"):
        Gist(Reads(), prompts=gist_prompts(), centres=centres("another/1"), notebook=Notebook(MemoryStore()))


def test_the_shipped_centres_are_those_of_the_embedded_mind():
    shipped = shipped_centres()
    assert shipped.reader == "llama-cpp/qwen2.5-coder-1.5b-instruct/chat/1"
    assert shipped.request.shape == (1536,)
    assert float(np.linalg.norm(shipped.widest)) == pytest.approx(1.0, abs=0.01)


def decided(reader: Reads | None, first: Said, second: Said):
    ears = Ears()
    comparison = compared(ears, sample(), first, second)
    judge = LocalJudge(
        ears,
        Mind(),
        notebook=Notebook(MemoryStore()),
        prompts=content_prompts(),
        vectors=Letters(),
        reader=reader,
        name="local",
    )
    return judge, judge.decide(comparison)


RIGHT, OTHER = Said(text="Four in the afternoon by the clock."), Said(text="Lemon tea, the banana man said.")


def test_an_answer_to_something_else_loses_by_its_gist_where_words_mislead(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "shipped_centres", centres)
    judge, one = decided(Reads(), RIGHT, OTHER)
    other = decided(Reads(), OTHER, RIGHT)[1]
    assert (one.outcome, other.outcome) == (Outcome.FIRST, Outcome.SECOND)
    assert one.margin == -other.margin
    assert "by gist -0.0 against -2.5" in one.criteria[Criterion.INSTRUCTION].reason
    deaf = decided(None, RIGHT, OTHER)[0]
    assert judge.identity != deaf.identity
    assert one.prompt_hash != deaf.decide(compared(Ears(), sample(), RIGHT, OTHER)).prompt_hash


def test_another_minds_vectors_are_not_used():
    reader = Reads()
    decided(reader, RIGHT, OTHER)
    assert reader.read == []


def test_gist_counts_within_the_language_of_the_question_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "shipped_centres", centres)
    ears, reader = Ears(), Reads()
    comparison = compared(ears, expecting("language", "fr"), RIGHT, replace(OTHER, language="fr"))
    judge = LocalJudge(
        ears, Mind(), notebook=Notebook(MemoryStore()), prompts=content_prompts(), reader=reader, name="local"
    )
    assert "by gist" not in judge.decide(comparison).criteria[Criterion.INSTRUCTION].reason


def test_an_answer_that_surely_belongs_gains_nothing_by_belonging_more():
    assert BY_GIST.log_chance(0.6) == pytest.approx(0.0, abs=0.01)
    assert BY_GIST.log_chance(0.0) < -2.0
