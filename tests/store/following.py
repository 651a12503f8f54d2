"""What stores promise whose writers take turns: who follows them knows a beginning of what there is."""

import threading

import pytest

from s2s_arena.errors import ConflictError
from s2s_arena.protocols import Followed
from s2s_arena.records.matches import Round
from s2s_arena.records.scores import Assignment

from .contract import one_of_each, response, vote

KINDS = (Round, Assignment)


def drawn(number):
    (found,) = (record for record in one_of_each() if isinstance(record, Round))
    return type(found)(**{f: getattr(found, f) for f in found.__dataclass_fields__} | {"number": number})


class FollowingContract:
    """Inherited; gives `store` and `other`, two stores on one database."""

    def test_news_is_what_came_after_the_mark_from_anybody(self, store, other):
        assert isinstance(store, Followed)
        store.put(drawn(0))
        store.append(vote("m1"))
        mark = store.mark(*KINDS)
        assert store.news(mark).records == store.news(mark).events == ()
        other.put(drawn(1), response(1))
        other.append(vote("m2"), vote("m3", study="another"))
        news = store.news(mark)
        assert news.records == (drawn(1),) and [event.number for event in news.events] == [2, 3]
        assert store.news(news.mark).records == store.news(news.mark).events == ()
        assert news.mark == store.mark(*KINDS)

    def test_a_turn_tells_what_others_wrote_before_and_nobody_writes_in_it(self, store, other):
        mark = store.mark(*KINDS)
        other.append(vote("m1"))
        written = []
        late = threading.Thread(target=lambda: written.extend(other.append(vote("m3"))))
        with store.turn(mark) as turn:
            assert [event.match for event in turn.news.events] == ["m1"]
            late.start()
            stored, after = turn.write([drawn(0), drawn(0)], [vote("m2"), vote("m1")])
            assert [event.number for event in stored] == [2, 1] and not written
        late.join()
        assert [event.number for event in written] == [3]
        assert [event.match for event in store.news(after).events] == ["m3"] and store.news(after).records == ()

    def test_a_turn_that_fails_leaves_nothing(self, store, other):
        store.append(vote("m1", id="x"))
        mark = store.mark(*KINDS)
        with pytest.raises(ConflictError), store.turn(mark) as turn:
            turn.write([drawn(5)], [vote("m2"), vote("m1", id="y")])
        assert store.news(mark).records == store.news(mark).events == ()
        assert other.append(vote("m2"))[0].number == 2
