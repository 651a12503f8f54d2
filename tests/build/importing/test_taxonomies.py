"""Claims about names of tasks, domains, levels and languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.build.importing.taxonomies import (
    DOMAIN_ALIASES,
    LANGUAGE_NAMES,
    TASK_ALIASES,
    domain_of,
    language_of,
    level_of,
    slug,
    task_of,
)
from s2s_arena.build.languages import known
from s2s_arena.records.taxonomy import DOMAINS, SEED_TASKS, Level, LevelScheme


def test_every_alias_is_a_slug_that_leads_into_the_taxonomy():
    assert set(TASK_ALIASES.values()) <= set(SEED_TASKS)
    assert set(DOMAIN_ALIASES.values()) <= set(DOMAINS)
    assert all(known(tag) for tag in LANGUAGE_NAMES.values())
    assert all(slug(name) == name for name in [*TASK_ALIASES, *DOMAIN_ALIASES])


@pytest.mark.parametrize(
    ("name", "task", "seed"),
    [
        ("sing", "singing", "singing"),
        ("natural", "natural_sound_simulation", "natural_sound_simulation"),
        ("Tongue Twister", "tongue_twisters", "tongue_twisters"),
        ("Stand-up comedy/skit", "stand_up_comedy", "stand_up_comedy"),
        (
            "Cross-lingual emotional translation",
            "cross_lingual_emotional_translation",
            "cross_lingual_emotional_translation",
        ),
        ("Beat boxing!", "beat_boxing", None),
        ("绕口令", "绕口令", None),
        ("", None, None),
    ],
)
def test_task_names(name, task, seed):
    assert task_of(name) == (task, seed)


@pytest.mark.parametrize(
    ("name", "seed", "domain"),
    [
        ("Social Companionship", None, "social"),
        ("Social Interaction", None, "social"),
        ("Medical Consultation", None, "medical"),
        ("", "singing", "entertainment"),
        ("Travel", "singing", "travel"),
        ("", None, None),
    ],
)
def test_domain_names(name, seed, domain):
    assert domain_of(name, seed_task=seed) == domain


@given(st.integers(0, 9), st.sampled_from(["L{}", "l{}", " {} ", "Level {}", "{}.0"]))
def test_levels_lie_in_their_scheme_or_are_refused(number, form):
    for scheme, lowest in ((LevelScheme.PAPER, 1), (LevelScheme.V1, 0)):
        if lowest <= number <= lowest + 3:
            assert level_of(form.format(number), scheme) == Level(f"L{number - lowest + 1}")
        else:
            with pytest.raises(ValueError, match="is not in"):
                level_of(form.format(number), scheme)


def test_no_level_is_no_level():
    assert level_of(" ", LevelScheme.PAPER) is None


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("English", "en"), ("chinese", "zh"), ("Mandarin", "zh"), ("Cantonese", "yue"), ("中文", "zh"),
        ("ZH_cn", "zh-CN"),
        ("en-us", "en-US"), ("zh-hant-tw", "zh-Hant-TW"), ("cmn", "zh"), ("ja", "ja"), ("", "und"), ("und", "und"),
    ],
)  # fmt: skip
def test_language_names_and_tags(name, tag):
    assert language_of(name) == tag
    assert language_of(tag) == tag


@pytest.mark.parametrize("name", ["Klingonese", "qq", "english please", "e", "en-", "12", "zh CN"])
def test_unknown_languages_are_refused(name):
    with pytest.raises(ValueError, match="BCP 47"):
        language_of(name)
