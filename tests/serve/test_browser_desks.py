"""The desks for samples in a real browser: review by keys, recording with a fake microphone, withdrawal, a phone."""

import shutil
import socket
import threading
import time

import pytest

from s2s_arena.records.scores import Consent, Review
from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from tests.serve.desks import job, said, with_desks, worker

CHROMIUM = shutil.which("chromium")
pytest.importorskip("playwright.sync_api", reason="browser not installed")
if CHROMIUM is None:
    pytest.skip("browser not installed", allow_module_level=True)

from playwright.sync_api import sync_playwright  # noqa: E402


@pytest.fixture
def served(make):
    """A world with desks on a real port; yields it and its address."""
    import uvicorn

    w = with_desks(make(samples=4))
    w.clock.now = time.time()
    w.hall.clock = w.hall.playback._clock = w.app.state.rates._clock = time.time
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(w.app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield w, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def chromium(tmp_path):
    """A headless browser whose microphone hears a file, and a list of what went wrong on its pages."""
    (tmp_path / "heard.wav").write_bytes(said(8.0, rate=48000))
    options = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
    options += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    options += [f"--use-file-for-fake-audio-capture={tmp_path / 'heard.wav'}"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


def visit(chromium, served, person, **options):
    w, address = served
    page = chromium.new_context(**options).new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(f"{address}/join/{w.hall.signer.link(person)}")
    return page


def until(page, true) -> None:
    for _ in range(300):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("waited 30 s in vain")


def ready(page):
    page.wait_for_selector("#task[aria-busy=false]")


def test_a_review_with_keys_alone_over_a_lost_connection(served, chromium):
    w, _ = served
    the_job = job(w, JobKind.REVIEW, listen=0.9)
    page = visit(chromium, served, worker(w, the_job, began="").person)
    page.check("input[name=agree]")
    page.click("button.big")
    ready(page)
    for n in range(4):
        assert page.is_disabled("#send")
        page.keyboard.press(" ")
        until(page, lambda: page.evaluate("players[0].share() > 0.97"))
        assert page.is_disabled("#send")  # heard, but nothing chosen
        if n == 1:
            page.keyboard.press("d")
            assert page.is_disabled("#send")  # no reason given
            page.keyboard.press("3")
        else:
            page.keyboard.press("k")
        until(page, lambda: page.evaluate("players[0].audio.paused"))  # at its end: the space bar would stop it before
        if n == 0:  # with the focus on the button that sends, the space bar still plays
            page.keyboard.press(" ")
            until(page, lambda: not page.evaluate("players[0].audio.paused"))
            page.keyboard.press(" ")
        if n == 2:
            page.context.set_offline(True)
            page.keyboard.press("Enter")
            page.wait_for_selector("#banner:not([hidden])")
            page.context.set_offline(False)
        else:
            page.keyboard.press("Enter")
        until(page, lambda n=n: page.inner_text("#count").startswith(str(n + 1)))
        if n == 1:
            page.keyboard.press("u")
            until(page, lambda: page.inner_text("#count").startswith("1"))
            ready(page)
            page.keyboard.press(" ")
            until(page, lambda: page.evaluate("players[0].share() > 0.97"))
            page.keyboard.press("d")
            page.keyboard.press("1")
            page.keyboard.press("Enter")
            until(page, lambda: page.inner_text("#count").startswith("2"))
        if n < 3:
            ready(page)
    page.wait_for_selector("#hand-in:not([hidden])")
    page.keyboard.press("Enter")
    page.wait_for_url("**/job/thanks")
    assert len(page.inner_text(".code")) == 10
    kept = [(r.keep, r.reason) for r in w.store.all(Review)]
    assert sorted(kept) == [(False, "artefact"), (True, ""), (True, ""), (True, "")]
    assert page.faults == []


def test_a_script_is_recorded_heard_recorded_again_accepted_and_withdrawn(served, chromium):
    w, _ = served
    the_job = job(w, JobKind.DUB)
    page = visit(chromium, served, worker(w, the_job, began="", consent=()).person)
    page.click("button.big")
    assert page.evaluate(
        "!document.querySelector('input[name=evaluation]').validity.valid"
    )  # asked for before all else
    page.check("input[name=evaluation]")
    page.check("input[name=agree]")
    page.click("button.big")
    ready(page)
    page.select_option("#microphone", "headset")
    for _ in range(2):
        page.keyboard.press("r")
        until(page, lambda: page.evaluate("!!recorder && recorder.seconds() > 2"))
        page.keyboard.press("r")
        page.wait_for_selector("#mine:not([hidden])")
    assert page.evaluate("document.activeElement.className") == "play"
    page.keyboard.press(" ")
    until(page, lambda: page.evaluate("mine.seconds() > 0.5"))
    assert list(w.register.replies(the_job.name)) == []  # nothing has left the page
    for _ in range(3):  # where the recording ends in the middle of a word, the page asks once more
        page.click("#accept")
        page.wait_for_timeout(500)
        if page.inner_text("#count").startswith("1"):
            break
    until(page, lambda: page.inner_text("#count").startswith("1"))
    (reply,) = w.register.replies(the_job.name)
    assert reply.audio.rate_hz >= 16000 and reply.audio.duration_s > 2.0
    assert reply.answers["microphone"] == "headset" and reply.answers["auto_gain"] == "off"
    assert reply.answers["browser"].startswith("Chrome")
    assert [c.purposes for c in w.store.all(Consent)] == [("evaluation",)]
    page.click("a.rights")
    page.check("input[name=sure]")
    page.click("button.danger")
    page.wait_for_selector("text=You have withdrawn")
    assert list(w.register.replies(the_job.name)) == []
    assert page.faults == []


def test_a_sample_is_answered_aloud_once_it_was_heard_on_a_phone_in_chinese(served, chromium):
    w, _ = served
    the_job = job(w, JobKind.ANSWER, listen=0.9)
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    page = visit(chromium, served, worker(w, the_job, page="zh").person, **phone)
    ready(page)
    assert page.is_disabled("#record")
    page.tap("#parts .play")
    until(page, lambda: page.is_enabled("#record"))
    page.tap("#record")
    until(page, lambda: page.evaluate("!!recorder && recorder.seconds() > 2"))
    page.tap("#record")
    page.wait_for_selector("#mine:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_attribute("html", "lang") == "zh"
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, select, [role=slider], [role=meter]')]"
        ".filter((e) => e.offsetParent && !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).length"
    )
    assert unnamed == 0
    assert page.faults == []


def test_a_microphone_that_is_refused_is_told(served, chromium):
    w, _ = served
    page = visit(chromium, served, worker(w, job(w, JobKind.DUB)).person)
    ready(page)
    page.evaluate(
        "void (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')))"
    )
    page.keyboard.press("r")
    until(page, lambda: "not open to this page" in page.inner_text("#state"))
    assert page.is_enabled("#record") and page.is_hidden("#accept")


def test_a_researcher_makes_a_job_and_invites_from_the_desk(served, chromium):
    w, address = served
    page = visit(chromium, served, w.person(Role.RESEARCHER))
    page.goto(f"{address}/desk/jobs")
    page.check("input[value=verify]", force=True)
    page.fill("input[name=name]", "check-levels")
    page.fill("input[name=per_level]", "1")
    page.click("button.primary")
    page.wait_for_url("**/desk/job/check-levels")
    page.fill("textarea[name=names]", "Ann\nBo")
    page.click("button.primary")
    page.wait_for_selector("tr.fresh")
    assert page.locator("input.link").count() == 2
    other = chromium.new_page()
    other.goto(page.input_value("input.link >> nth=0"))
    assert other.inner_text("h1") == "Is what is said about this sample right?"
