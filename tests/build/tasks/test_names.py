"""Task names: normalised, merged by containment and few edits, never chained."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.build.tasks.names import MOST_OF_SHORTER, merged, normalised

WORDS = (
    "emotion",
    "emotions",
    "recognition",
    "story",
    "storytelling",
    "tongue",
    "twister",
    "pace",
    "singing",
    "timing",
)
names = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), max_size=40)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("  Emotion-Recognition! ", "emotion recognition"),
        ("emotion_recognition", "emotion recognition"),
        ("Ｅmotion\trecognition", "emotion recognition"),
        ("讽刺，检测", "讽刺 检测"),
        ("!?", ""),
    ],
)
def test_names_that_differ_in_case_punctuation_and_white_space_are_one(written, same):
    assert normalised(written) == same


def test_by_hand():
    given_names = [
        "Emotion recognition",
        "emotion recognition",
        "Emotion recognition in speech",  # holds the first
        "Emotion recognitions",  # one edit
        "Tongue twister",
        "tongue twisters",
        "Singing",
        "Timing",  # three edits, but of six letters
        "...",
    ]
    tasks = [(t.name, t.count, t.names) for t in merged(given_names)]
    assert tasks == [
        ("emotion recognition", 4, ("emotion recognition", "emotion recognitions", "emotion recognition in speech")),
        ("tongue twister", 2, ("tongue twister", "tongue twisters")),
        ("singing", 1, ("singing",)),
        ("timing", 1, ("timing",)),
    ]


def test_part_of_a_word_is_not_containment():
    assert len(merged(["sing", "singing", "a sing along"])) == 2


def test_nothing_is_chained():
    steps = ["aaaaaaaaaaaa", "aaaaaaaaabbb", "aaaaaabbbbbb"]
    [first, second] = merged([steps[0]] * 3 + [steps[1]] * 2 + steps[2:])
    assert first.names == tuple(steps[:2]) and second.names == (steps[2],)


@settings(deadline=None)
@given(names)
def test_every_name_is_in_exactly_one_task_and_near_its_name(given_names):
    tasks = merged(given_names)
    counts = Counter(normalised(name) for name in given_names)
    assert Counter(name for task in tasks for name in task.names) == Counter(counts.keys())
    assert sum(task.count for task in tasks) == len(given_names)
    for task in tasks:
        assert task.name in task.names
        assert counts[task.name] == max(counts[name] for name in task.names)


@settings(deadline=None)
@given(names, st.randoms())
def test_the_order_of_names_does_not_matter(given_names, random):
    shuffled = list(given_names)
    random.shuffle(shuffled)
    assert merged(shuffled) == merged(given_names)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text("ab", min_size=6, max_size=14), max_size=25))
def test_edits_found_in_blocks_are_those_found_one_by_one(given_names):
    unique = sorted(set(given_names), key=lambda name: (-Counter(given_names)[name], len(name), name))
    leaders: dict[str, str] = {}
    for name in unique:
        near = [one for one in leaders if leaders[one] == one and edits(one, name) <= 3]
        near = [one for one in near if edits(one, name) * MOST_OF_SHORTER <= min(len(one), len(name))]
        leaders[name] = near[0] if near else name
    expected = {one: {name for name in unique if leaders[name] == one} for one in set(leaders.values())}
    assert {task.name: set(task.names) for task in merged(given_names)} == expected


def edits(first: str, second: str) -> int:
    """Levenshtein by the textbook."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        last, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
