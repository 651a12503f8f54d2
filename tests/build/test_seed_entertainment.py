"""What holds of the entertainment part of the seed suite alone: songs, sounds, slips of the tongue, pitch."""

from s2s_arena.records.samples import Sample

from .seed_suite import every, of, twins, wanted_delivery

SAMPLES = of("entertainment")


def test_at_least_fourteen_pairs_of_twins():
    assert len(twins(SAMPLES)) >= 14


@every(SAMPLES)
def test_songs_are_sung_and_sounds_are_sounds_where_they_are_asked_for(sample: Sample):
    if sample.level.expresses and sample.task in ("singing", "natural_sound_simulation"):
        assert wanted_delivery(sample)["style"] == {"singing": "sing"}.get(sample.task, "sound")


@every(SAMPLES)
def test_slips_pace_pitch_and_loudness_are_labelled(sample: Sample):
    [turn] = sample.turns
    labels, delivery = turn.labels, turn.delivery
    slips = sample.level.perceives and turn.respelling is not None
    assert ("slip" in labels.get("articulation", "")) == slips
    if delivery.emotion is None and delivery.style is None:
        pace = "fast" if delivery.rate >= 1.1 else "slow" if delivery.rate <= 0.8 else "normal"
        assert labels.get("pace", "normal") == pace
        assert (labels.get("pitch") == "high") == (delivery.pitch_st >= 3)
        assert (labels.get("pitch") == "low") == (delivery.pitch_st <= -3)
        assert (labels.get("loudness") == "soft") == (delivery.volume_db <= -4)
        assert (labels.get("loudness") == "loud") == (delivery.volume_db >= 4)
