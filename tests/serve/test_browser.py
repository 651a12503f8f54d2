"""A whole task in a real browser: listening enforced, a jump does not count, keys, undo, a lost connection."""

import shutil
import socket
import threading
import time

import pytest

from s2s_arena.serve.people.person import Role

CHROMIUM = shutil.which("chromium")
pytest.importorskip("playwright.sync_api", reason="browser not installed")
if CHROMIUM is None:
    pytest.skip("browser not installed", allow_module_level=True)

from playwright.sync_api import sync_playwright  # noqa: E402


@pytest.fixture
def served(make):
    """A world on a real port; yields it and its address."""
    import uvicorn

    w = make(conduct={"listen": 0.9, "gains": {}, "quota": 3})
    w.clock.now = time.time()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    w.hall.clock = w.hall.playback._clock = w.app.state.rates._clock = time.time
    server = uvicorn.Server(uvicorn.Config(w.app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield w, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def chromium():
    """A headless browser."""
    options = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


def listen(page, *, keys: str = "i12") -> None:
    for key, name in (("i", "instruction"), ("1", "first"), ("2", "second")):
        if key in keys:
            page.keyboard.press(key)
            until(page, lambda name=name: page.evaluate(f"players.{name}.share() > 0.97"))


def until(page, true) -> None:
    for _ in range(300):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("waited 30 s in vain")


def test_a_task_in_a_browser(served, chromium):
    w, address = served
    page = chromium.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/join/{w.hall.signer.link(w.person(began=''))}")
    page.check("input[name=agree]")
    page.click("button.big")
    page.wait_for_selector("#task[aria-busy=false]")

    page.keyboard.press("ArrowLeft")  # nothing was heard
    assert page.is_hidden("#confirm")
    listen(page, keys="i1")
    page.evaluate("players.second.seek(players.second.duration - 0.2); players.second.play()")  # a jump
    page.wait_for_timeout(600)
    assert page.is_disabled("button[data-outcome=first]")
    listen(page, keys="2")

    page.context.set_offline(True)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#banner:not([hidden])")
    assert list(w.store.events()) == []
    page.context.set_offline(False)
    until(page, lambda: page.inner_text("#count").startswith("1"))
    (event,) = w.store.events()
    assert (event.verdict.outcome, event.verdict.both_bad) == ("second", False)

    page.keyboard.press("u")
    until(page, lambda: page.inner_text("#count").startswith("0"))
    page.reload()
    page.wait_for_selector("#task[aria-busy=false]")
    listen(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("b")
    until(page, lambda: page.inner_text("#count").startswith("1"))
    last = list(w.store.events())[-1]
    assert (last.verdict.outcome, last.verdict.both_bad, last.revision) == ("first", True, 2)
    assert faults == []


def test_the_pages_fit_a_phone(served, chromium):
    w, address = served
    context = chromium.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}/join/{w.hall.signer.link(w.person(page='zh'))}")
    page.goto(f"{address}/vote")
    page.wait_for_selector("#task[aria-busy=false]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    lead = context.browser.new_page(viewport={"width": 1280, "height": 900})
    lead.goto(f"{address}/join/{w.hall.signer.link(w.person(Role.ADMIN))}")
    lead.goto(f"{address}/desk/study/people")
    assert lead.inner_text("h1").startswith("people")


def test_three_annotators_vote_a_whole_study_in_their_browsers(served, chromium):
    """Desktop, a phone in Chinese, and two tabs side by side; each until the thanks, and the desk counts them all."""
    w, address = served
    quota = 3
    links = [f"{address}/join/{w.hall.signer.link(w.person(page=page))}" for page in ("en", "zh", "en")]
    faults = []

    def opened(link, **options):
        page = chromium.new_context(**options).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(link)
        page.goto(f"{address}/vote")
        return page

    def vote(page, done: int, key: str) -> None:
        page.wait_for_selector("#task[aria-busy=false]")
        listen(page)
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        if done == quota:
            page.wait_for_url("**/thanks")
        else:
            until(page, lambda: page.inner_text("#count").startswith(str(done)))

    desktop = opened(links[0])
    phone = opened(links[1], viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    assert phone.locator("html").get_attribute("lang").startswith("zh")
    for done in range(1, quota + 1):
        vote(desktop, done, "ArrowLeft")
        vote(phone, done, "ArrowRight")

    one = opened(links[2])
    other = one.context.new_page()
    other.goto(f"{address}/vote")
    other.wait_for_selector("#task[aria-busy=false]")
    listen(other)
    vote(one, 1, "ArrowLeft")
    other.keyboard.press("ArrowRight")  # the same task, in a tab that does not know yet
    other.keyboard.press("Enter")
    other.wait_for_timeout(500)
    mine = [event for event in w.store.events() if event.verdict.judge == list(w.store.events())[-1].verdict.judge]
    assert [event.verdict.outcome for event in mine] == ["first"]
    one.reload()
    for done in range(2, quota + 1):
        vote(one, done, "ArrowLeft")

    events = list(w.store.events())
    assert len(events) == 3 * quota and len({event.verdict.judge for event in events}) == 3
    assert len({(event.verdict.judge, event.verdict.match) for event in events}) == 3 * quota
    lead = chromium.new_page()
    lead.goto(f"{address}/join/{w.hall.signer.link(w.person(Role.ADMIN))}")
    lead.goto(f"{address}/board/people")
    assert str(3 * quota) in lead.inner_text("main")
    assert faults == []
