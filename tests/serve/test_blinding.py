"""Nobody can tell from what is received which of two systems is which if they say the same (see bench.blinding)."""

import pytest

pytest.importorskip("sklearn", reason="extra 'local' not installed")

from bench.blinding import CASES, babbled, collected, guessed, opened

HARDEST = "rate, container and level"


@pytest.mark.parametrize(("even_band", "told"), [(True, False), (False, True)])
def test_a_classifier_of_all_that_is_received_guesses(tmp_path, even_band, told):
    """It tells the bandwidth where a study leaves it as it is: the classifier can find what there is to be found."""
    with opened(tmp_path, CASES[HARDEST], speech=[babbled(n) for n in range(90)], even_band=even_band) as (
        hall,
        client,
    ):
        seen = collected(hall, client, matches=90)
    (one,) = guessed(seen, timing=False, kinds=("logistic",))
    low, high = one.interval
    assert (low > 0.9) if told else (low <= 0.5 <= high), one
