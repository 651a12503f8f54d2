"""The researchers' desk: from nothing to exported boards in a browser."""

import csv
import io
import json
import re
from dataclasses import replace

from s2s_arena.records import codec
from s2s_arena.records.studies import Sampler, Sampling, Study
from s2s_arena.records.verdicts import Event
from s2s_arena.serve.people.person import Role
from s2s_arena.serve.web.texts import catalogue


def test_a_study_is_created_people_are_invited_vote_and_are_exported(make):
    w = make()
    lead = w.browser(w.person(Role.ADMIN))
    made = lead.form(
        "/desk/studies", name="new", suite=w.suite.hash, quota="3", listen="0", check="off", flags="1",
        criteria="yes", ask_both_bad="yes", repeats="0", swaps="0", gold="0", title="New one",
    )  # fmt: skip
    assert made.status_code == 200 and "New one" in made.text
    invited = lead.form("/desk/study/new/invite", names="Ann\nBo", languages="en:native", page="en")
    links = re.findall(r'value="(http://arena\.test/join/[^"]+)"', invited.text)
    assert len(links) == 2
    people = [p for p in w.hall.people.values() if p.study == "new"]
    for person in people:
        b = w.browser(person)
        assert b.form("/begin", agree="yes").status_code == 200
        for _ in range(3):
            assert b.vote().status_code == 200
    events = [codec.decode(Event, x) for x in lead.get("/desk/study/new/export/events.jsonl").text.splitlines()]
    assert events == list(w.store.events(study="new"))
    rows = list(csv.DictReader(io.StringIO(lead.get("/desk/study/new/export/events.csv").text)))
    assert [r["winner"] for r in rows] == [r["first_system"] for r in rows]
    pay = {r["name"]: r for r in csv.DictReader(io.StringIO(lead.get("/desk/study/new/export/people.csv").text))}
    assert {name: (r["votes"], bool(r["code"])) for name, r in pay.items()} == {"Ann": ("3", True), "Bo": ("3", True)}
    board = json.loads(lead.get("/desk/study/new/export/board.json").text)
    assert board["boards"][0]["votes"] == 6
    assert "Ann" not in lead.get("/desk/study/new/export/events.jsonl").text


def test_what_is_wrong_with_a_form_is_said_and_nothing_is_made(make):
    w = make()
    lead = w.browser(w.person(Role.ADMIN))
    for wrong in (
        {"name": "../x"},
        {"name": "ok", "quota": "0"},
        {"name": "ok", "systems": "nobody"},
        {"name": "people"},
    ):
        answer = lead.form("/desk/studies", **({"suite": w.suite.hash} | wrong))
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert set(w.hall.rooms) == {"people"}


def test_a_study_draws_as_the_workspace_says_unless_the_form_says_otherwise(make):
    w = make()
    usual = Sampling(sampler=Sampler.UNIFORM, uniform_mix=0.3, round_size=7, floor=4)
    w.hall.library = replace(w.hall.library, sampling=usual, seed=5)
    lead = w.browser(w.person(Role.ADMIN))
    shown = lead.get("/desk").text
    for name, value in (("uniform_mix", "30"), ("floor", "4"), ("round_size", "7")):
        assert f'name="{name}" value="{value}"' in shown
    assert '<option value="uniform" selected>' in shown
    lead.form("/desk/studies", name="plain", suite=w.suite.hash, flags="1")
    lead.form(
        "/desk/studies", name="told", suite=w.suite.hash, flags="1",
        sampler="paper", uniform_mix="20", floor="0", round_size="3", full_band="yes",
    )  # fmt: skip
    (plain,), (told,) = (list(w.store.all(Study, name=name)) for name in ("plain", "told"))
    assert (plain.sampling, plain.seed) == (usual, 5)
    assert told.sampling == Sampling(sampler=Sampler.PAPER, uniform_mix=0.2, round_size=3, floor=0)
    assert [w.hall.room(name).desk.conduct.even_band for name in ("plain", "told")] == [True, False]
    refused = lead.form("/desk/studies", name="no", suite=w.suite.hash, floor="-1")
    assert refused.status_code == 422 and "a whole number from 0" in refused.text


def test_pausing_a_new_link_leaving_and_excluding_take_effect_at_once(make):
    w = make()
    lead, b = w.browser(w.person(Role.ADMIN)), w.browser(w.person())
    b.vote()
    lead.form("/desk/study/people/conduct", paused="yes")
    assert b.vote().json()["next"]["state"] == "paused"
    lead.form("/desk/study/people/conduct", paused="no")
    lead.form(f"/desk/person/{b.person.id}/exclude", reason="a look")
    assert w.hall.room("people").live.view().votes == 0
    assert len(list(w.store.events())) == 4
    lead.form(f"/desk/person/{b.person.id}/restore")
    assert w.hall.room("people").live.view().votes == 2
    lead.form(f"/desk/person/{b.person.id}/relink")
    assert b.get("/api/task").status_code == 401
    again = w.browser(w.hall.people[b.person.id])
    assert again.task()["state"] == "task"
    lead.form(f"/desk/person/{b.person.id}/leave")
    assert again.get("/api/task").status_code == 401
    assert {"exclude", "restore", "relink", "leave"} <= {e.what for e in w.register.audited()}


def test_before_tasks_come_consent_check_and_practice_in_this_order(make):
    w = make(conduct={"check": "advise", "practice": True})
    b = w.browser(w.person(began="", check="", practised=""))
    assert b.task()["state"] == "begin"
    b.form("/begin", agree="yes")
    assert b.task()["state"] == "check"
    assert b.post("/api/check", {"unavailable": True}).json()["result"] == "unavailable"
    state = b.task()
    assert state["state"] == "practice"
    items = w.hall.rooms["people"].practice
    right = {item.id: item.right for found in items.values() for item in found}
    for item in state["practice"]:
        assert b.get(item["clips"]["first"]["url"]).status_code == 200
        said = b.post("/api/practice", {"item": item["item"], "outcome": right[item["item"]]}).json()
        assert said["right"] and said["reason"] in catalogue("en")
    assert b.task()["state"] == "task"
    assert list(w.store.events()) == []


def test_the_check_passes_who_answers_rightly_and_gives_others_three_attempts(make):
    from s2s_arena.serve.hearing import checks
    from s2s_arena.serve.routes import voting

    w = make(conduct={"check": "require"})
    good, bad = w.browser(w.person(check="")), w.browser(w.person(check=""))
    answers = {t.id: t.right for t in checks.trials(voting._check_seed(w.hall, good.person))}
    assert good.post("/api/check", {"answers": answers}).json()["result"] == "pass"
    assert good.task()["state"] == "task"
    left = [bad.post("/api/check", {"answers": {}}).json()["attempts_left"] for _ in range(4)]
    assert left == [2, 1, 0, 0]
    assert bad.task()["state"] == "check"
    assert bad.post("/api/vote", {}).status_code == 422


def test_the_pages_say_the_same_things_in_both_languages():
    english, chinese = catalogue("en"), catalogue("zh")
    assert english.keys() == chinese.keys()
    assert all(text.strip() for text in (*english.values(), *chinese.values()))


def test_a_page_is_in_the_language_of_its_reader(make):
    w = make()
    b = w.browser(w.person(page="zh"))
    assert 'lang="zh"' in b.joined.text and catalogue("zh")["welcome_title"] in b.joined.text
    assert catalogue("en")["vote_title"] in b.form("/language", language="en", back="/vote").text


def test_a_plan_says_what_a_study_would_take_and_tell_and_stores_nothing(make):
    w = make()
    lead = w.browser(w.person(Role.RESEARCHER))
    fields = {"suite": w.suite.hash, "flags": "1", "quota": "30", "gold": "10", "repeats": "0", "swaps": "0"}
    shown = lead.form("/desk/plan", people="20", title="Draft", ties="yes", **fields)
    assert shown.status_code == 200
    assert "<b>600</b>" in shown.text and "540" in shown.text  # 20 people, 30 votes each, a tenth of them hidden
    assert 'value="Draft"' in shown.text and re.search(r'name="ties" value="yes" checked', shown.text)
    assert not re.search(r'name="practice" value="yes" checked', shown.text)  # it was not ticked in what was sent
    assert set(w.hall.rooms) == {"people"}
    assert lead.form("/desk/plan", people="0", **fields).status_code == 422


def test_exports_are_the_same_rows_as_csv_and_as_parquet(make):
    import polars

    w = make(conduct={"pay_per_vote": 0.25, "currency": "CHF", "quota": 2})
    lead, b = w.browser(w.person(Role.RESEARCHER)), w.browser(w.person())
    b.vote(), b.vote("second", both_bad=True)
    for name in ("events", "board", "people"):
        where = f"/desk/study/people/export/{name}"
        rows = list(csv.DictReader(io.StringIO(lead.get(f"{where}.csv").text)))
        frame = polars.read_parquet(io.BytesIO(lead.get(f"{where}.parquet").content))
        assert frame.columns == list(rows[0])
        for row, other in zip(rows, frame.iter_rows(named=True), strict=True):
            assert row == {k: "" if v is None else str(v) for k, v in other.items()}
    events = polars.read_parquet(io.BytesIO(lead.get("/desk/study/people/export/events.parquet").content))
    assert events["both_bad"].to_list() == [False, True] and events["seconds"].dtype == polars.Float64
    pay = polars.read_parquet(io.BytesIO(lead.get("/desk/study/people/export/people.parquet").content))
    (mine,) = [row for row in pay.iter_rows(named=True) if row["role"] == "annotator"]
    assert (mine["votes"], mine["pay"], mine["currency"], len(mine["code"])) == (2, 0.5, "CHF", 10)


def test_pay_and_who_organises_are_said_in_the_browser(make):
    w = make()
    lead = w.browser(w.person(Role.ADMIN))
    lead.form("/desk/study/people/conduct", pay="0,30", currency="usd", organiser="The lab", interests="none")
    kept = w.register.conduct("people")
    assert (kept.pay_per_vote, kept.currency, kept.organiser, kept.interests) == (0.3, "USD", "The lab", "none")
    assert lead.form("/desk/study/people/conduct", pay="a lot").status_code == 422


def test_researchers_read_their_desk_in_chinese_too(make):
    import tomllib
    from importlib import resources

    folder = resources.files("s2s_arena.serve")
    known = tomllib.loads((folder / "texts" / "leaders.zh.toml").read_text(encoding="utf-8"))
    said = set()
    for template in (folder / "templates").iterdir():
        found = re.findall(r"""_\((?:"([^"]+)"|'([^']+)')\)""", template.read_text(encoding="utf-8"))
        said |= {one or two for one, two in found}
    assert len(said) > 100 and said <= known.keys()
    w = make()
    lead = w.browser(w.person(Role.ADMIN))
    assert lead.form("/language", language="zh", back="/desk").url.path == "/desk"
    for path, text in (("/desk", "开始一项研究"), ("/desk/study/people", "如何进行"), ("/desk/audit", "审计日志")):
        assert text in lead.get(path).text
    assert lead.form("/language", language="en", back="/desk/study/people/invite").url.path == "/desk/study/people"
