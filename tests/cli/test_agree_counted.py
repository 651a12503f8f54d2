"""The paper's agreement from its counts; kappa from joint tables and never from counts."""

import json

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.errors import InputError
from s2s_arena.rank.counted import from_counts, from_joint


def test_the_papers_counts_give_its_shares_and_intervals_and_no_kappa():
    given = ["agree", "--counts", "36/43", "--counts", "358/432", "--counts", "316/432", "--json"]
    told = json.loads(CliRunner().invoke(app, given).stdout)
    rows = [row["agreement"] for row in told["agreement"]]
    assert [round(row["value"], 4) for row in rows] == [0.8372, 0.8287, 0.7315]
    assert [(round(row["low"], 2), round(row["high"], 2)) for row in rows] == [(0.70, 0.92), (0.79, 0.86), (0.69, 0.77)]
    assert all(row["kappa"] is None for row in told["agreement"])
    assert "joint table" in told["warnings"][0]


def test_kappa_of_a_joint_table_by_hand():
    # 45 + 25 of 100 agree; by chance .6 x .6 + .4 x .4 = .52; (.7 - .52) / .48 = .375
    made = from_joint("45, 15, 15, 25")
    assert made.agreement.value == pytest.approx(0.70)
    assert made.kappa is not None and made.kappa.value == pytest.approx(0.375)


def test_the_same_counts_go_with_other_kappas():
    # Both tables agree on 358 of 432: the published kappa of .6553 implies chance agreement of .503.
    even, uneven = from_joint("179,37,37,179"), from_joint("340,37,37,18")
    assert even.agreement == uneven.agreement == from_counts("358/432").agreement
    assert even.kappa is not None and uneven.kappa is not None
    assert even.kappa.value == pytest.approx(0.6574, abs=1e-4)
    assert uneven.kappa.value is not None and uneven.kappa.value < 0.25


@pytest.mark.parametrize("text", ["5", "6/5", "a/5", "0/0", "-1/5"])
def test_counts_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="AGREED/CASES"):
        from_counts(text)


@pytest.mark.parametrize("text", ["1,2,3", "1", "1,2,3,x", "0,0,0,0", ""])
def test_tables_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="--joint"):
        from_joint(text)


def test_the_table_is_readable_and_says_why_counts_have_no_kappa():
    done = CliRunner().invoke(app, ["agree", "--counts", "358/432", "--joint", "45,15,15,25"])
    assert done.exit_code == 0
    assert "0.8287" in done.stdout and "0.3750" in done.stdout
    assert "joint table" in done.stderr
