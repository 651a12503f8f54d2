"""What holds of every seed sample, whatever its domain: ids, twins, references, length, levels, labels, guidelines."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from s2s_arena.build.checks import fault, has_word
from s2s_arena.build.expectations import DELIVERY
from s2s_arena.build.languages import primary
from s2s_arena.build.scenes import SCENES
from s2s_arena.build.scripts import load, starter
from s2s_arena.build.stage import estimated_s
from s2s_arena.models.delivery import direct
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.taxonomy import SEED_TASKS

from .seed_suite import FOLDER, SAMPLES, effective_rate, every, fits, of, twins, wanted_delivery

PREFIXES = {"education": "seed-edu-", "entertainment": "seed-ent-", "social": "seed-soc-", "medical": "seed-med-"}
PAIRS = twins()
each_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=list(PAIRS))
domains = pytest.mark.parametrize("domain", PREFIXES)
PLAIN_FROM = {  # domain -> fast from, slow to, loud from, soft to: where the delivery makes them plain
    "education": (1.3, 0.72, 6.5, -6.0),
    "social": (1.15, 0.85, 4.5, -3.5),
    "medical": (1.15, 0.85, 4.5, -3.5),
}


def test_each_file_is_named_after_its_one_task():
    for path in FOLDER.glob("*.toml"):
        assert {f"{s.domain}_{s.task}" for s in load(path)} == {path.stem}
    assert len(list(FOLDER.glob("*.toml"))) == len(SEED_TASKS)


@every()
def test_ids_say_where_they_belong(sample):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", sample.id) and sample.id.startswith(PREFIXES[sample.domain])


@domains
def test_about_seven_tenths_of_a_domain_is_english(domain):
    languages = Counter(primary(s.language) for s in of(domain))
    assert 0.65 <= languages["en"] / languages.total() <= 0.8
    assert languages["zh"] / languages.total() >= 0.12


@domains
def test_about_one_sample_in_six_has_a_background(domain):
    noisy = [s.turns[0].background for s in of(domain) if s.turns[0].background]
    assert 0.1 <= len(noisy) / len(of(domain)) <= 0.23
    assert all(5 <= b.snr_db <= 20 for b in noisy)


def test_every_scene_occurs():
    assert {s.turns[0].background.scene for s in SAMPLES if s.turns[0].background} == set(SCENES)


@each_pair
def test_twins_say_the_same_words_and_differ_in_what_can_be_heard(pair):
    first, second = pair
    same = {"delivery": Delivery(), "traits": Traits(), "background": None, "respelling": None, "labels": {}}
    assert replace(first.turns[0], **same) == replace(second.turns[0], **same)
    heard = [(s.turns[0].delivery, s.turns[0].traits, s.turns[0].background, s.turns[0].respelling) for s in pair]
    assert heard[0] != heard[1] and first.turns[0].labels != second.turns[0].labels
    assert (first.level, first.task, first.language) == (second.level, second.task, second.language)
    assert first.level is not None and first.level.perceives
    assert set(first.expects) != set(second.expects)
    assert first.twin_group not in {s.twin_group for s in starter()}


@each_pair
def test_no_answer_is_right_for_both_twins(pair):
    first, second = pair
    wants = [wanted_delivery(sample) for sample in pair]
    opposed = any(wants[1].get(cue, want) != want for cue, want in wants[0].items())
    # A whisper and a loud voice cannot be one answer either.
    hushed = [w.get("style") == "whisper" or w.get("volume") == "soft" for w in wants]
    opposed = opposed or any(hushed[i] and wants[1 - i].get("volume") == "loud" for i in (0, 1))
    crossed = [(b.id, r) for a, b in ((first, second), (second, first)) for r in a.references if fits(b, r)]
    assert opposed or not crossed


@every()
def test_a_reference_answer_has_the_words_that_are_expected(sample):
    assert sample.references
    for reference in sample.references:
        assert fits(sample, reference), reference


@pytest.mark.parametrize(
    ("sample_id", "reply"),
    [  # what people say who are right: with a contrast, a negation or another word
        ("seed-edu-pron-salmon", "It's salmon, the l is silent. Vegetables is fine."),
        ("seed-edu-tea-size", "You stressed large, so it's the size they got wrong, not the kind of tea."),
        ("seed-edu-lang-obrigada", "You sound female, so say obrigada. Obrigado is the masculine form."),
        ("seed-ent-mop-flat", "不是很带劲，讲得太平淡了。"),
        ("seed-ent-lorry-clean", "You never stumbled, it was flawless."),
        ("seed-ent-lorry-slip", "You didn't quite make it: lorry turned into lolly."),
        ("seed-med-tablets-child", "Please take none and ask a trusted adult first."),
        ("seed-soc-letter-angry", "That was anger, not sadness."),
        ("seed-soc-speech-excited", "What an honour! And no nerves at all, it seems."),
        ("seed-soc-onsen-woman", "赤いのれんのほうが女湯です。青いのれんは男湯ですよ。"),
        ("seed-soc-delivery-stars", "等了好久吧？那不值得五星。"),
        ("seed-soc-caterer-fed-up", "I would not book her again."),
    ],
)
def test_a_right_answer_in_other_words_is_not_failed(sample_id, reply):
    [sample] = [s for s in SAMPLES if s.id == sample_id]
    assert fits(sample, reply)


@pytest.mark.parametrize(
    ("sample_id", "reply"),
    [  # what one says who has only read the words, or heard the twin
        ("seed-edu-hundreds-owed", "给了，已经还清了。"),
        ("seed-edu-hundreds-repaid", "还没给呢。"),
        ("seed-ent-alibi", "我不信，你在撒谎。"),
        ("seed-ent-my-set-bombed", "Congratulations! Yes, do it again."),
        ("seed-soc-caterer-fed-up", "Great to hear! Yes, definitely book her."),
        ("seed-soc-delivery-stars", "当然要，五星好评！"),
    ],
)
def test_an_answer_that_missed_the_voice_is_not_passed(sample_id, reply):
    [sample] = [s for s in SAMPLES if s.id == sample_id]
    assert not fits(sample, reply)


@every()
def test_the_turn_can_be_spoken_and_lasts_two_to_ten_seconds(sample):
    [turn] = sample.turns
    assert fault(turn) is None
    assert 1.9 <= estimated_s(turn) * turn.delivery.rate / effective_rate(sample) <= 10.5


@every()
def test_levels_that_perceive_have_something_to_perceive_and_the_others_are_plain(sample):
    [turn] = sample.turns
    if sample.level.perceives:
        labels = {k: v for k, v in turn.labels.items() if k != "gender"}
        heard = turn.traits.age or turn.background or turn.respelling or not turn.delivery.neutral
        # Which of two adults speaks is a cue only beside a twin.
        assert (heard and set(labels.values()) - {"neutral", "normal", "none"}) or sample.twin_group
    else:
        assert turn.delivery.neutral and turn.traits.age is None
        assert (turn.labels["emotion"], turn.labels["pace"]) == ("neutral", "normal")


@every()
def test_levels_that_express_ask_for_a_delivery_and_the_others_for_a_neutral_one(sample):
    asked = {e.cue for e in sample.expects}
    if sample.level.expresses:
        assert asked & DELIVERY and "neutral" not in asked
    else:
        assert "neutral" in asked and not asked & DELIVERY


@every()
def test_labels_say_what_the_delivery_directs(sample):
    [turn] = sample.turns
    labels, delivery = turn.labels, turn.delivery
    assert labels["gender"] == turn.traits.gender
    assert labels["noise"] == (turn.background.scene if turn.background else "none")
    assert labels.get("age") == turn.traits.age
    assert labels.get("emotion", "neutral") == (delivery.emotion or "neutral")
    assert labels.get("emphasis") == (delivery.emphasis[0] if delivery.emphasis else None)
    assert labels.get("pause") in ({p.after for p in delivery.pauses} or {None})
    for word in (labels.get("emphasis"), labels.get("pause")):
        assert word is None or has_word(turn.respelling or turn.script, word, language=turn.language)


@every(of(*PLAIN_FROM))
def test_style_pace_and_loudness_are_labelled_where_the_delivery_makes_them_plain(sample):
    [turn] = sample.turns
    fast, slow, loud, soft = PLAIN_FROM[sample.domain]
    heard = direct(turn.delivery, turn.traits, gender=turn.traits.gender)
    pace = "fast" if heard.rate >= fast else "slow" if heard.rate <= slow else "normal"
    loudness = "loud" if heard.gain_db >= loud else "soft" if heard.gain_db <= soft else "normal"
    # Age slows the voice a little by itself, and the label of age says so.
    aged = turn.traits.age == "elder" and turn.delivery.rate == 1.0
    assert turn.labels.get("pace", "normal") == pace or aged
    assert turn.labels.get("loudness", "normal") == loudness
    assert turn.labels.get("style") == turn.delivery.style


@every()
def test_judges_are_told_what_is_good_and_what_is_bad(sample):
    assert "Good:" in sample.guideline and "Bad:" in sample.guideline


def test_every_guideline_is_its_own():
    counts = Counter(s.guideline for s in SAMPLES)
    assert [text for text, count in counts.items() if count > 1] == []
