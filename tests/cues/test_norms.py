import pytest
from tests.cues.builders import cues

from s2s_arena.cues import norms


def test_the_most_special_group_is_taken():
    table = norms.parse('[rate]\n"en/female" = [5.0, 0.5]\n"*/female" = [6.0, 1.0]\n"*/*" = [7.0, 1.0]\n')
    assert table.norm("rate", language="en-GB", gender="female").mean == 5.0
    assert table.norm("rate", language="de", gender="female").mean == 6.0
    assert table.norm("rate").mean == 7.0
    assert table.norm("pitch") is None


def test_shipped_norms_cover_every_measure_for_everyone():
    for measure in norms.MEASURES:
        for gender in ("female", "male"):
            found = norms.shipped().norm(measure, language="xx", gender=gender)
            assert found is not None and found.sd >= norms.FLOORS[measure]


def test_what_is_written_is_read_again():
    table = norms.measured([(cues(syllables_per_s=4.0 + n), "female") for n in range(6)])
    again = norms.parse(norms.write(table, heading="made by a test"))
    assert again.norm("rate", language="en", gender="female").mean == pytest.approx(6.5)
    assert again.norm("rate", language="en", gender="female").sd == pytest.approx(1.871, abs=1e-3)


def test_groups_of_a_few_are_left_out():
    assert norms.measured([(cues(), "female")] * 4).norm("rate") is None
