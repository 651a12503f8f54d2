"""Markup in every text that reaches a page is shown as text, by the page itself: the policy of contents is off here."""

import shutil
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from s2s_arena.records.identity import SampleId, SuiteName, SystemName
from s2s_arena.records.samples import Background, Expectation, Provenance, RubricItem, Suite
from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from tests.serve import worlds
from tests.serve.desks import job, with_desks, worker
from tests.serve.ports import served

CHROMIUM = shutil.which("chromium")
pytest.importorskip("playwright.sync_api", reason="browser not installed")
if CHROMIUM is None:
    pytest.skip("browser not installed", allow_module_level=True)

from playwright.sync_api import sync_playwright  # noqa: E402

LABELS = ("emotion", "pace", "gender", "age", "accent", "style", "volume", "pitch", "colour")
SHOWN = {  # on pages; reasons, comments and participants' ids are in files alone
    "title", "instructions", "organiser", "interests", "note", "system 0", "system 1", "system 2", "name", "guideline",
    "domain", "task", "script", "suite", "job title", "job instructions", "licence",
}  # fmt: skip


def markup(field: str) -> str:
    """What breaks out of text, of an attribute and of a script, and says from which field it came."""
    said = f"window.__pwned=`{field}`"
    html = f"<img src=x onerror=\"{said}\" data-pwned>\"' onfocus='{said}' autofocus "
    return f"[{field}]{html}</script><script>{said}</script>"


SYSTEMS = tuple(SystemName(markup(f"system {n}")) for n in range(3))


def hostile(suite: Suite) -> Suite:
    """The same suite with markup in every text that a suite from elsewhere may bring."""
    labels = {name: markup(f"label {name}") for name in LABELS} | {markup("label name"): "x"}
    samples = []
    for n, sample in enumerate(suite.samples):
        turns = tuple(
            replace(
                turn,
                script=markup("script"),
                labels=labels,
                voice=markup("voice"),
                respelling=markup("respelling"),
                background=Background(scene=markup("scene"), snr_db=10.0),
            )
            for turn in sample.turns
        )
        samples.append(
            replace(
                sample,
                id=SampleId(f"{sample.id}{markup('sample')}"),
                turns=turns,
                domain=markup("domain"),
                task=markup("task"),
                seed_task=markup("seed task"),
                guideline=markup("guideline"),
                expects=(Expectation(cue=markup("cue"), want=markup("want")),),
                rubric=(RubricItem(id=markup("point"), text=markup("rubric")),),
                references=(markup("reference"),),
                choices=(markup("choice"),),
                twin_group=f"{n}{markup('twins')}",
                provenance=Provenance(source=markup("source"), licence=markup("licence"), notice=markup("notice")),
                attributes={markup("attribute"): markup("value")},
            )
        )
    told = {"description": markup("description"), "licence": markup("licence"), "version": markup("version")}
    return replace(suite, name=SuiteName(markup("suite")), samples=tuple(samples), **told)


@pytest.fixture
def world(make, monkeypatch):
    """A study and jobs on such a suite, with votes, a published board and replies."""
    plain = worlds.rehearsal_suite

    def made(store, **asked):
        audio = SimpleNamespace(put_audio=store.put_audio, put=lambda suite: None)
        suite = hostile(plain(audio, **asked))
        store.put(suite)
        return suite

    monkeypatch.setattr(worlds, "rehearsal_suite", made)
    conduct = {name: markup(name) for name in ("title", "organiser", "interests", "currency")}
    conduct |= {"instructions": {"en": markup("instructions"), "zh": markup("instructions")}, "public_board": True}
    w = with_desks(make(conduct=conduct | {"reveal": True, "gains": dict.fromkeys(SYSTEMS, 0.0)}, systems=SYSTEMS))
    w.clock.now = time.time()
    w.hall.clock = w.hall.playback._clock = w.app.state.rates._clock = time.time
    return w


def peopled(w):
    """Everybody who opens a page, as name -> browser; what they say is markup too."""
    them = {"name": markup("name"), "external": markup("external")}
    annotator = w.browser(w.person(**them, languages={}))
    for outcome in ("first", "second", "first"):
        assert annotator.vote(outcome, reason=markup("reason")).status_code == 200
    lead = w.browser(w.person(Role.ADMIN, **them))
    assert lead.form("/desk/study/people/publish", note=markup("note")).status_code == 200
    found = {"annotator": annotator, "newcomer": w.browser(w.person(began="", **them)), "lead": lead}
    for kind in JobKind:
        texts = {"title": markup("job title"), "instructions": dict.fromkeys(("en", "zh"), markup("job instructions"))}
        texts |= {"currency": markup("currency"), "system": markup("contestant"), "licence": markup("licence")}
        the_job = job(w, kind, **texts)
        found[kind] = worker(w, the_job, **them)
        if kind in (JobKind.REVIEW, JobKind.DUB):
            found[f"new {kind}"] = worker(w, the_job, **them, began="", consented="")
    item = found["review"].get("/api/job").json()["item"]
    said = {"item": item["id"], "answers": {"decision": "keep"}, "seconds": 2.0, "comment": markup("comment")}
    assert found["review"].post("/api/job/answer", said).status_code == 200
    return found


def paths(w, who: str) -> list[str]:
    boards = ["/board/people", "/board/people/published", "/board/people/published/1"]
    if who == "lead":
        jobs = [f"/desk/job/{j.name}" for j in w.hall.register.jobs()]
        return ["/desk", "/desk/study/people", "/desk/jobs", *jobs, "/desk/audit", "/", *boards]
    if who in ("annotator", "newcomer"):
        return ["/", "/vote", "/check", "/thanks", *(boards if who == "annotator" else [])]
    return ["/job", "/job/thanks", "/job/rights"] if who == JobKind.DUB else ["/job"]


@pytest.mark.slow
def test_no_text_of_anybody_becomes_a_part_of_a_page(world):
    people = peopled(world)
    told: set[str] = set()
    options = ["--no-sandbox", "--disable-gpu", "--mute-audio", "--use-fake-ui-for-media-stream"]
    with served(world.app) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        for who, given in people.items():
            context = browser.new_context(bypass_csp=True)
            page = context.new_page()
            dialogs: list[str] = []
            page.on("dialog", lambda dialog, seen=dialogs: (seen.append(dialog.message), dialog.dismiss()))
            page.goto(f"{address}/join/{world.hall.signer.link(given.person)}")
            for path in paths(world, who):
                page.goto(f"{address}{path}", wait_until="networkidle")
                for details in page.locator("details").all():
                    details.evaluate("d => { d.open = true; }")
                assert dialogs == [] and page.evaluate("window.__pwned") is None, (who, path)
                strange = "[data-pwned], [onerror], [onfocus], [onload], [href^='javascript:' i], [src='x']"
                assert page.locator(strange).count() == 0, (who, path)
                text = page.content()
                told |= {field for field in SHOWN if f"[{field}]&lt;img" in text or f"[{field}]<img" in text}
            context.close()
        browser.close()
    assert told == SHOWN
