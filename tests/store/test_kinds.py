"""Every record with a key has a table, and what the table filters by is told in the docstring."""

import dataclasses
import importlib
import pkgutil

from s2s_arena import records
from s2s_arena.store import kinds
from s2s_arena.store.kinds import KINDS


def test_every_record_with_a_key_has_a_table():
    keyed = set()
    for module in pkgutil.iter_modules(records.__path__):
        for thing in vars(importlib.import_module(f"s2s_arena.records.{module.name}")).values():
            if isinstance(thing, type) and dataclasses.is_dataclass(thing):
                fields = {f.name for f in dataclasses.fields(thing)}
                if "key" in fields or isinstance(vars(thing).get("key"), property):
                    keyed.add(thing)
    assert keyed == {kind.record for kind in KINDS}


def test_filters_are_fields_of_their_records_and_documented():
    for kind in KINDS:
        fields = {f.name for f in dataclasses.fields(kind.record)}
        assert set(kind.fields) <= fields, kind.table
        line = next(line for line in kinds.__doc__.splitlines() if line.split()[:1] == [kind.record.__name__])
        told = line.split("(")[0].split(None, 1)[1]
        assert {name.strip() for name in told.split(",")} == set(kind.fields)


def test_tables_have_distinct_names():
    assert len({kind.table for kind in KINDS}) == len(KINDS)
