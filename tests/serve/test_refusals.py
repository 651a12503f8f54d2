"""What people are refused with is in the language of their pages; codes are the same in all."""

import ast
import re
from importlib import resources

import pytest

from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from s2s_arena.serve.web.texts import refused
from tests.serve.desks import job, with_desks, worker

CHINESE = re.compile("[\u4e00-\u9fff]")
MET_BY_PEOPLE = (
    "hearing/listening.py",
    "jobs/items.py",
    "jobs/uploads.py",
    "jobs/workshop.py",
    "routes/boards.py",
    "routes/job.py",
    "routes/job_pages.py",
    "routes/voting.py",
    "routes/voting_pages.py",
    "voting/desk.py",
    "web/asking.py",
)


def messages(module: str) -> list[str]:
    """What a module's errors say; a number or name stands for what is filled in."""
    text = (resources.files("s2s_arena.serve") / module).read_text(encoding="utf-8")
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            arguments = node.exc.args
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
            arguments = node.args
        else:
            continue
        for said in arguments[-1:]:
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                found.append(said.value)
            elif isinstance(said, ast.JoinedStr):
                found.append("".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in said.values))
    return found


@pytest.mark.parametrize("module", MET_BY_PEOPLE)
def test_whatever_people_are_refused_with_is_said_in_chinese(module):
    for message in messages(module):
        said = refused("zh", "", message)
        assert CHINESE.search(said) and message not in said, f"{module}: {message!r} is not in refusals.zh.toml"
        assert refused("en", "", message) == message


def test_the_modules_are_read_as_they_are():
    assert "your agreement comes first: reload the page" in messages("routes/job.py")
    assert "undo: 7 votes are open already; vote on them first" in messages("voting/desk.py")
    assert sum(len(messages(module)) for module in MET_BY_PEOPLE) > 35


def test_what_has_no_line_of_its_own_is_framed_in_chinese_with_the_english_in_it():
    said = refused("zh", "conflict", "something {new} that nobody wrote down")
    assert CHINESE.search(said) and "something {new} that nobody wrote down" in said
    assert refused("zh", "never seen", "x") == refused("zh", "", "x")


def test_a_chinese_page_is_refused_in_chinese_and_an_english_one_in_english(make):
    w = make(conduct={"listen": 0.9})
    for page, chinese in (("zh", True), ("en", False)):
        b = w.browser(w.person(page=page))
        task = b.task()["task"]
        unheard = b.post("/api/vote", b.ballot(task))
        assert unheard.status_code == 422
        error = unheard.json()["error"]
        assert error["code"] == "not_heard" and error["missing"]
        assert bool(CHINESE.search(error["message"])) is chinese
        other = b.post("/api/vote", b.ballot(task | {"assignment": "0" * 32}))
        assert other.json()["error"]["code"] == "illegal_vote"
        assert bool(CHINESE.search(other.json()["error"]["message"])) is chinese
        shown = b.get("/desk", headers={"accept": "text/html"})
        assert shown.status_code == 404 and ("这里没有内容" in shown.text) is chinese


def test_who_has_no_session_is_told_in_the_browsers_language(make):
    w = make()
    w.person(Role.ADMIN)
    for asked, chinese in (("zh-CN,zh;q=0.9", True), ("de", False)):
        found = w.server.get("/api/task", headers={"accept-language": asked})
        assert found.status_code == 401
        assert bool(CHINESE.search(found.json()["error"]["message"])) is chinese


def test_the_desks_for_samples_refuse_in_chinese_too(make):
    w = with_desks(make())
    b = worker(w, job(w, JobKind.REVIEW), page="zh")
    found = b.post("/api/job/answer", {"item": "0" * 32, "answers": {"decision": "keep"}})
    assert found.status_code == 409 and CHINESE.search(found.json()["error"]["message"])
