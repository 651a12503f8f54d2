"""Scripts: what is read from TOML, and the one line that a mistake gets."""

import pytest

from s2s_arena.build.scripts import gather, load
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Background, Expectation
from s2s_arena.records.taxonomy import Level

GOOD = """
domain = "education"

[[sample]]
id = "a"
level = "L4"
task = "emphasis_control"
language = "en"
script = "Put the red cup down."
say = "Put the redd cup down."
delivery = { rate = 1.2, emphasis = ["cup"], pauses = [{ after = "cup", seconds = 0.4 }] }
traits = { gender = "female" }
background = { scene = "cafe", snr_db = 8 }
expects = ["emphasis cup", "contains red|cup"]
twin = "cups"
"""


def one(old: str = "", new: str = "") -> str:
    assert old in GOOD
    return GOOD.replace(old, new) if old else GOOD


def test_a_script_becomes_a_sample_without_speech():
    [sample] = gather({"x.toml": GOOD})
    assert (sample.id, sample.level, sample.domain, sample.seed_task) == (
        "a",
        Level.L4,
        "education",
        "emphasis_control",
    )
    [turn] = sample.turns
    assert turn.speech is None and turn.respelling == "Put the redd cup down."
    assert turn.background == Background(scene="cafe", snr_db=8)
    assert sample.expects == (Expectation(cue="emphasis", want="cup"), Expectation(cue="contains", want="red|cup"))


def test_level_task_and_domain_may_be_absent():
    text = '[[sample]]\nid = "a"\nlanguage = "en"\nscript = "Good morning."'
    [sample] = gather({"x.toml": text})
    assert (sample.level, sample.domain, sample.task) == (None, None, None)


def test_a_task_of_ones_own_is_no_seed_task():
    [sample] = gather({"x.toml": one("emphasis_control", "whistling")})
    assert (sample.task, sample.seed_task) == ("whistling", None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"L4"', '"L7"', "level 'L7' given; use one of L1, L2, L3, L4"),
        ('language = "en"', 'language = "xx"', "language 'xx' is not a known BCP 47 tag"),
        ('language = "en"', 'language = "English"', "language 'English' is not a known BCP 47 tag"),
        ("twin =", "twinn =", "unknown key 'twinn'; known keys: "),
        ("rate = 1.2", "speed = 1.2", "delivery: unknown key 'speed'"),
        ("rate = 1.2", "rate = 9", "delivery.rate 9; use 0.5..2"),
        ("rate = 1.2", 'rate = "quick"', "delivery.rate"),
        ('emphasis = ["cup"]', 'emphasis = ["cat"]', "delivery.emphasis 'cat' is not in the script"),
        ('after = "cup"', 'after = "up"', "delivery.pauses.after 'up' is not in the script"),
        ("seconds = 0.4", "seconds = 40", "delivery.pauses.seconds 40"),
        ('"Put the red cup down."', '"?!..."', "script '?!...' has nothing to speak"),
        ('"Put the red cup down."', '"' + "word " * 61 + '"', "script has 61 words, 60 at most"),
        ('"cafe"', '"moon"', "background.scene 'moon'; use one of: airport"),
        ("snr_db = 8", "snr_db = 800", "background.snr_db 800"),
        ('gender = "female"', 'gender = "neuter"', "traits.gender 'neuter'; use one of: male, female"),
        ('"emphasis cup"', '"stress cup"', "expects: unknown cue 'stress'"),
        ('"emphasis cup"', '"rate quick"', "expects: rate 'quick'; use one of: slow"),
        ('"emphasis cup"', '"language xx"', "expects: language 'xx'"),
        ('"emphasis cup"', '"contains a||b"', "empty alternative"),
        ('"emphasis cup"', '"contains"', "says nothing"),
        ('script = "Put the red cup down."', "", "script"),
        ('domain = "education"', 'domian = "education"', "x.toml: unknown key 'domian'"),
    ],
)
def test_a_mistake_is_named_with_file_and_sample_on_one_line(old, new, message):
    with pytest.raises(SuiteError) as raised:
        gather({"x.toml": one(old, new)})
    text = str(raised.value)
    assert text.startswith("x.toml") and message in text and "\n" not in text
    if "domian" not in new:
        assert "sample a" in text


def test_labels_must_agree_with_the_direction():
    with pytest.raises(SuiteError, match=r"labels.gender 'male', but the voice is directed to 'female'"):
        gather({"x.toml": GOOD + 'labels = { gender = "male" }'})


def test_a_duplicate_id_is_refused_across_files():
    with pytest.raises(SuiteError, match=r"b.toml: id 'a' is already taken in a.toml"):
        gather({"a.toml": GOOD, "b.toml": GOOD})


def test_broken_toml_names_the_line():
    with pytest.raises(SuiteError, match=r"x.toml: not valid TOML: .*line 1"):
        gather({"x.toml": "domain = oops\n"})


def test_load_reads_a_file_or_a_folder(tmp_path):
    (tmp_path / "one.toml").write_text(GOOD)
    (tmp_path / "two.toml").write_text(one('id = "a"', 'id = "b"'))
    assert [s.id for s in load(tmp_path)] == ["a", "b"]
    assert [s.id for s in load(tmp_path / "two.toml")] == ["b"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_missing_or_unreadable_file_is_refused(tmp_path, content):
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SuiteError, match=r"x.toml"):
        load(path)


def test_an_empty_folder_or_file_is_refused(tmp_path):
    with pytest.raises(SuiteError, match=r"no .toml file"):
        load(tmp_path)
    (tmp_path / "x.toml").write_text('domain = "social"')
    with pytest.raises(SuiteError, match=r"no \[\[sample\]\]"):
        load(tmp_path)
