"""A server that spoils a fifth of its answers and a driver that is killed: one final record each, nothing lost."""

from bench.killing import measure


def test_every_question_ends_with_one_final_record_however_often_the_driver_dies(tmp_path):
    told = measure(tmp_path, requests=80, share=0.2, kills=3, in_flight=16, latency_s=0.1)
    assert told["deaths"] == 3
    assert told["takes"] == 80 and told["answered"] + sum(told["failures"].values()) == 80
    assert told["asked"] > 80  # what was in flight when the driver died, and what the network took
    for wrong in (
        "without_final_record",
        "with_two_final_records",
        "takes_twice",
        "takes_that_are_not_their_responses",
        "lost_after_being_kept",
        "asked_again_though_done",
        "audio_unreadable",
    ):
        assert told[wrong] == 0, wrong
