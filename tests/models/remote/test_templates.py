"""Templates fill their slots and leave no trace of empty ones."""

from s2s_arena.models.remote.templates import Slot, fill, fill_object, slots


def test_an_empty_slot_takes_its_key_along_and_what_only_held_it():
    template = {"a": Slot("a"), "b": {"c": {"d": Slot("d")}}, "e": [Slot("e"), 1], "f": [Slot("g")]}
    assert fill(template, {"a": 0}) == {"a": 0, "e": [1]}


def test_what_is_literally_empty_stays():
    assert fill({"a": {}, "b": [], "c": None, "d": False}, {}) == {"a": {}, "b": [], "c": None, "d": False}


def test_a_slot_may_take_the_object_around_it_along():
    parts = [{"type": "text", "text": Slot("t", whole=True)}, {"type": "audio"}]
    assert fill(parts, {}) == [{"type": "audio"}]
    assert fill(parts, {"t": "hi"}) == [{"type": "text", "text": "hi"}, {"type": "audio"}]


def test_an_object_is_always_an_object_and_knows_its_slots():
    template = {"a": Slot("x"), "b": [{"c": Slot("y")}]}
    assert fill_object(template, {}) == {}
    assert slots(template) == {"x", "y"}
