"""Word vectors from a mind's table: by hand on a tiny file, and on the embedded mind where it is installed."""

from pathlib import Path

import numpy as np
import pytest

from s2s_arena.errors import CardError
from s2s_arena.judge.topic import related
from tests.models.gguf_files import gguf

pytest.importorskip("tokenizers", reason="extra local not installed")
from s2s_arena.models.word_vectors import WordVectors

TOKENS = ["a", "b", "c", "Ġ", "Ġa", "Ġab"]
MERGES = ["Ġ a", "Ġa b"]
TABLE = np.eye(6, dtype=np.float32)


def tiny(tmp_path: Path) -> WordVectors:
    settings = {"tokenizer.ggml.tokens": TOKENS, "tokenizer.ggml.merges": MERGES}
    return WordVectors(
        gguf(tmp_path / "m.gguf", settings, {"token_embd.weight": (0, (6, 6), TABLE.tobytes())}), name="tiny"
    )


def test_a_word_is_the_mean_of_its_tokens_less_the_mean_of_all(tmp_path: Path):
    found = tiny(tmp_path).words("AB, ac ab!")
    expected = np.stack([TABLE[5], (TABLE[4] + TABLE[2]) / 2.0]) - 1.0 / 6.0
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found.vectors, expected, atol=1e-6)
    assert found.weights.tolist() == [0.0, 0.0]  # the first three hundred tokens tell nothing


def test_no_words_are_an_empty_table(tmp_path: Path):
    found = tiny(tmp_path).words("... !")
    assert found.vectors.shape == (0, 6)
    assert found.weights.shape == (0,)


def test_a_mind_without_byte_pairs_is_refused(tmp_path: Path):
    path = gguf(tmp_path / "m.gguf", {"tokenizer.ggml.tokens": TOKENS}, {})
    with pytest.raises(CardError, match="no byte pairs"):
        WordVectors(path, name="other")


@pytest.fixture(scope="module")
def mind_vectors(local_parts):
    return local_parts.described({"family": "word-vectors", "weights": "qwen2.5-coder-1.5b-instruct"})


@pytest.mark.local
@pytest.mark.parametrize(
    ("language", "question", "right", "wrong"),
    [
        ("en", "Tell me how to cook rice.", "Boil two cups of water with salt.", "The train leaves at noon."),
        ("en", "Count to three.", "1, 2, 3.", "A lovely garden with roses."),
        ("zh", "怎么煮米饭才不会糊？", "用小火，水多放一点。", "这首歌真好听。"),
    ],
)
def test_the_answer_to_a_question_is_more_like_it(mind_vectors, language, question, right, wrong):
    def alike(answer: str) -> float:
        found = related(mind_vectors, question, answer, language=language, spoken=language)
        assert found is not None
        return found

    assert alike(right) > alike(wrong)
