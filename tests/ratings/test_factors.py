"""Factor analysis: written-out regressions agree, promises hold in simulation, and the paper's tables go through."""

import csv
import re

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.confounding import Attribute
from s2s_arena.ratings.factors import factor_analysis
from s2s_arena.ratings.matches import POINTS_PER_NAT


def centred(n, variance):  # type: ignore[no-untyped-def]
    return variance * (np.eye(n) - 1 / n)


def numeric(name, values):  # type: ignore[no-untyped-def]
    return Attribute(name=name, values=tuple(float(v) for v in values))


def test_with_equal_errors_it_is_least_squares_with_hc3() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=15), rng.normal(1000, 100, size=15)
    found = factor_analysis(y, centred(15, 400.0), attributes=[numeric("x", x)], rng=rng)
    (effect,) = found.single[0].effects
    design = np.column_stack([np.ones(15), x])
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    leverage = np.diag(design @ bread @ design.T)
    scores = design * ((y - design @ beta) / (1 - leverage))[:, None]
    half = stats.t.ppf(0.975, 13) * np.sqrt((bread @ scores.T @ scores @ bread)[1, 1])
    assert effect.interval == "hc3"
    assert effect.estimate == pytest.approx(beta[1], rel=1e-6)
    assert (effect.low, effect.high) == pytest.approx((beta[1] - half, beta[1] + half), rel=1e-5)


def test_unequal_errors_weigh_systems_as_generalised_least_squares_does() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(2)
    n = 12
    root = rng.normal(size=(n, n)) * np.geomspace(3, 60, n)[:, None]
    noise = root @ root.T / n
    x = rng.normal(size=n)
    y = 1000 + 80 * x + rng.multivariate_normal(np.zeros(n), noise) + rng.normal(0, 50, size=n)
    fit = factor_analysis(y, noise, attributes=[numeric("x", x)], rng=rng).single[0]
    design = np.column_stack([np.ones(n), x])

    def restricted(log_variance):  # type: ignore[no-untyped-def]
        v = noise + np.exp(log_variance) * np.eye(n)
        inverse = np.linalg.inv(v)
        beta = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ y)
        r = y - design @ beta
        return np.linalg.slogdet(v)[1] + np.linalg.slogdet(design.T @ inverse @ design)[1] + r @ inverse @ r

    best = optimize.minimize_scalar(restricted, bounds=(0, 12), method="bounded", options={"xatol": 1e-8})
    inverse = np.linalg.inv(noise + np.exp(best.x) * np.eye(n))
    beta = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ y)
    assert fit.residual_sd == pytest.approx(np.exp(best.x / 2), rel=1e-3)
    assert fit.effects[0].estimate == pytest.approx(beta[1], rel=1e-4)


def test_intervals_cover_and_p_values_are_uniform_without_an_effect() -> None:
    rng = np.random.default_rng(3)
    values = tuple("aaaaaabbbbbb")
    held, small = [], []
    for _ in range(250):
        errors = rng.uniform(10, 40, size=12)
        y = rng.normal(1000, 60, size=12) + rng.normal(0, errors)
        fit = factor_analysis(
            y, np.diag(errors**2), attributes=[Attribute(name="f", values=values)], rng=rng, permutations=200
        ).single[0]
        held.append(fit.effects[0].low <= 0 <= fit.effects[0].high)
        small.append(fit.p_values[0] <= 0.1)
    assert 0.90 <= np.mean(held) <= 0.99
    assert 0.04 <= np.mean(small) <= 0.16


def test_a_planted_effect_is_found_with_its_share() -> None:
    rng = np.random.default_rng(4)
    kind = rng.permutation(np.repeat(["lab", "firm"], 20))
    y = 1000 + 200.0 * (kind == "lab") + rng.normal(0, 40, size=40)
    found = factor_analysis(
        y, centred(40, 100.0), attributes=[Attribute(name="kind", values=tuple(kind.tolist()))], rng=rng
    )
    (effect,) = found.single[0].effects
    assert (effect.level, effect.reference, effect.systems) == ("lab", "firm", 20)
    assert effect.low < 200 < effect.high
    assert effect.low > 100
    assert found.single[0].p_values[0] < 0.005
    assert found.single[0].explained > 0.7
    assert found.single[0].residual_sd == pytest.approx(39, abs=10)
    assert found.warnings == ()


def test_jointly_each_factor_is_adjusted_for_the_other() -> None:
    rng = np.random.default_rng(5)
    n = 60
    size = rng.normal(size=n)
    kind = np.where(size + rng.normal(size=n) > 0, "firm", "lab")
    y = 1000 + 100 * size + rng.normal(0, 20, size=n)  # size alone matters, but firms are larger
    attributes = [numeric("size", size), Attribute(name="kind", values=tuple(kind.tolist()))]
    found = factor_analysis(y, centred(n, 25.0), attributes=attributes, rng=rng, permutations=300)
    assert abs(found.single[1].effects[0].estimate) > 60
    assert found.joint is not None
    by_size, by_kind = found.joint.effects
    assert by_size.low < 100 < by_size.high
    assert by_kind.low < 0 < by_kind.high
    assert found.joint.p_values[0] < 0.01


def test_a_constant_shift_of_the_board_changes_no_effect() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=9), rng.normal(1000, 90, size=9)
    one, two = (
        factor_analysis(y + shift, centred(9, 900.0), attributes=[numeric("x", x)], rng=np.random.default_rng(0))
        for shift in (0.0, 500.0)
    )
    assert one.single[0].effects[0].estimate == pytest.approx(two.single[0].effects[0].estimate)
    assert one.single[0].p_values == two.single[0].p_values


def test_a_level_of_one_system_gets_the_models_interval_and_a_warning() -> None:
    rng = np.random.default_rng(7)
    values = ("a", "a", "a", "a", "b", "b", "b", "alone")
    found = factor_analysis(
        rng.normal(1000, 50, size=8), centred(8, 100.0), attributes=[Attribute(name="f", values=values)], rng=rng
    )
    alone, b = found.single[0].effects
    assert (alone.level, alone.interval, alone.systems) == ("alone", "model", 1)
    assert (b.level, b.interval) == ("b", "hc3")
    assert alone.high - alone.low > 50
    assert any("alone rest on one system" in w for w in found.warnings)


def test_what_cannot_be_analysed_is_said_not_guessed() -> None:
    rng = np.random.default_rng(8)
    y = rng.normal(1000, 50, size=6)
    attributes = [
        Attribute(name="same", values=("a",) * 6),
        Attribute(name="all_differ", values=tuple("abcdef")),
        Attribute(name="unknown", values=(None,) * 6),
        Attribute(name="kind", values=tuple("xxxyyy")),
        Attribute(name="copy", values=tuple("pppqqq")),
    ]
    found = factor_analysis(y, centred(6, 100.0), attributes=attributes, rng=rng)
    assert [fit.factors for fit in found.single] == [("kind",), ("copy",)]
    assert found.joint is None
    said = "\n".join(found.warnings)
    for part in ("6 systems: too few", "same: not analysed", "all_differ: not analysed", "unknown: not known for 6"):
        assert part in said
    assert "kind and copy: one determines the other" in said
    assert "no data of these systems tell them apart" in said


def rows(path):  # type: ignore[no-untyped-def]
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_papers_tables_show_industry_ahead_and_say_that_ten_systems_are_few(shared_data) -> None:  # type: ignore[no-untyped-def]
    board = rows(shared_data / "paper" / "table4.csv")
    made_of = {row["system"]: row for row in rows(shared_data / "paper" / "table6.csv")}
    y = np.array([float(row["elo"]) for row in board])
    # A rating from n matches of known opponents has at best the error of n coin tosses: 4 / n in squared nats.
    noise = np.diag([4 / float(row["matches"]) * POINTS_PER_NAT**2 for row in board])
    parts = [made_of[row["system"]] for row in board]
    sizes = [re.search(r"([\d.]+)B", part["backbone"]) for part in parts]
    attributes = [
        Attribute(name="source", values=tuple(part["source"] for part in parts)),
        Attribute(name="decoder", values=tuple(part["decoder"].split(" ")[0] or None for part in parts)),
        Attribute(name="size", values=tuple(float(s[1]) if s else None for s in sizes), tenfold=True),
    ]
    found = factor_analysis(y, noise, attributes=attributes, rng=np.random.default_rng(0))
    source, decoder, size = found.single
    (academia,) = source.effects
    # Table 4: mean of 6 industry systems 1168.4, of 4 academic ones 747.4; weights move the difference a little.
    assert academia.level == "academia"
    assert academia.estimate == pytest.approx(747.4 - 1168.4, abs=15)
    assert academia.high < -200
    assert source.p_values[0] < 0.02
    assert len(decoder.systems) == len(size.systems) == 8
    assert size.effects[0].estimate > 0
    said = "\n".join(found.warnings)
    assert "10 systems: too few" in said
    assert "decoder: not known for 2 of 10 systems" in said
    assert "source and decoder: one determines the other" in said


def test_level_by_level_the_papers_gap_grows_with_what_must_be_expressed(shared_data) -> None:  # type: ignore[no-untyped-def]
    table = rows(shared_data / "paper" / "table6.csv")
    source = Attribute(name="source", values=tuple(row["source"] for row in table))
    gaps = {}
    for column in ("L1", "L3"):
        y = np.array([float(row[column]) for row in table])
        fit = factor_analysis(y, centred(10, 40.0**2), attributes=[source], rng=np.random.default_rng(0)).single[0]
        gaps[column] = fit.effects[0].estimate
    # By hand from Table 6: L1 960.68 - 1026.22 = -65.5, L3 801.30 - 1132.47 = -331.2
    assert gaps == {"L1": pytest.approx(-65.5, abs=0.1), "L3": pytest.approx(-331.2, abs=0.1)}


def test_the_papers_list_of_parts_goes_in_as_it_is(shared_data) -> None:  # type: ignore[no-untyped-def]
    table = rows(shared_data / "paper" / "table7.csv")
    elo = {row["system"]: float(row["elo"]) for row in rows(shared_data / "paper" / "table4.csv")}
    elo["Qwen2.5-Omni"] = elo["Qwen 2.5-Omni"]
    rated = [row for row in table if row["system"] in elo]
    encoder = Attribute(name="encoder", values=tuple(row["encoder"].split("-")[0] or None for row in rated))
    y = np.array([elo[row["system"]] for row in rated])
    found = factor_analysis(y, centred(len(y), 30.0**2), attributes=[encoder], rng=np.random.default_rng(0))
    (fit,) = found.single
    assert {(e.level, e.reference) for e in fit.effects} == {("mHuBERT", "Whisper"), ("SenseVoice", "Whisper")}
    assert any("rest on one system each" in w for w in found.warnings)


def test_malformed_input_is_named() -> None:
    rng = np.random.default_rng(0)
    x = numeric("x", [1, 2, 3])
    with pytest.raises(InvalidMatchesError, match="one for each of 2 systems"):
        factor_analysis(np.zeros(2), np.eye(2), attributes=[x], rng=rng)
    with pytest.raises(InvalidMatchesError, match="x: given twice"):
        factor_analysis(np.zeros(3), np.eye(3), attributes=[x, x], rng=rng)
    with pytest.raises(InvalidMatchesError, match="not finite"):
        factor_analysis(np.full(3, np.nan), np.eye(3), attributes=[x], rng=rng)
