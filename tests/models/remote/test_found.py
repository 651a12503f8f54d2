"""What others write is looked into without trusting it."""

import json

from s2s_arena.models.remote.found import at, count_at, objects_at, text_at

VALUE = json.loads('{"a": [{"b": "x"}, 3, {"b": null}], "n": true, "odd": "half \\ud83d and \\u0000"}')


def test_what_is_not_there_is_none():
    assert at(VALUE, "a", 0, "b") == "x" and at(VALUE, "a", -2) == 3
    for path in (("z",), ("a", "b"), ("a", 9), ("a", 1, "b"), ("a", 0, "b", "c"), (0,)):
        assert at(VALUE, *path) is None


def test_another_type_is_not_found():
    assert text_at(VALUE, "a", 1) is None and count_at(VALUE, "n") is None and count_at(VALUE, "a", 1) == 3
    assert list(objects_at(VALUE, "a")) == [{"b": "x"}, {"b": None}] and list(objects_at(VALUE, "n")) == []


def test_text_that_no_store_can_keep_is_mended():
    assert text_at(VALUE, "odd") == "half ? and \ufffd"
    text_at(VALUE, "odd").encode()
