"""What ratings go with, by what the cards of systems say of their parts."""

import pytest

from s2s_arena.boards.factors import billions, factors, family
from s2s_arena.boards.standings import made
from s2s_arena.records.systems import SystemCard
from tests.boards.worlds import games


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Qwen2.5-Coder-1.5B-Instruct, GGUF Q4_K_M", "Qwen"), ("Qwen-2 72B", "Qwen"), ("GLM-4 9B", "GLM"),
        ("LLaMA-3.1 8B", "LLaMA"), ("Whisper large v3 + VQ", "Whisper"), ("Flow matching + HiFi-GAN", "Flow matching"),
        ("HiFi-GAN", "HiFi-GAN"), ("Kokoro-82M, male style", "Kokoro"), ("not disclosed", None), ("", None),
    ],
)  # fmt: skip
def test_parts_belong_to_families(text: str, name: str | None) -> None:
    assert family(text) == name


@pytest.mark.parametrize(("text", "size"), [("LLaMA-3.1 8B", 8.0), ("Gemma 3 270M base", 0.27), ("GPT-4o", None)])
def test_sizes_are_read_in_billions(text: str, size: float | None) -> None:
    assert billions(text) == (None if size is None else pytest.approx(size))


def test_a_factor_that_makes_the_difference_is_seen_and_few_systems_are_said() -> None:
    whole = made(games([1200.0, 1180.0, 1210.0, 800.0, 820.0, 790.0], 2500), bootstraps=0)
    cards = {
        f"s{i}": SystemCard(
            name=f"s{i}",
            title="",
            model="m",
            kind="industry" if i < 3 else "academia",
            backbone="Qwen2.5 7B" if i % 2 else "LLaMA-3.1 8B",
        )
        for i in range(6)
    }
    found = factors(whole, cards)
    (source,) = [e for e in found.effects if e.factor == "source"]
    assert abs(source.points) == pytest.approx(393, abs=60)
    assert not source.low <= 0.0 <= source.high
    assert found.explained["source"] > 0.9
    assert any("6 systems: too few" in w for w in found.warnings)
    assert any(w.startswith("encoder: not analysed") for w in found.warnings)
