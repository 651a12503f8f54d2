"""`suite augment` with a writer behind a loopback endpoint."""

import json

import pytest
from typer.testing import CliRunner

from s2s_arena.build.augment.directions import shipped
from s2s_arena.build.augment.targets import targets
from s2s_arena.cli.main import app
from tests.models.remote.servers import HttpReply, http_server

TASK = "language_consistency"
SHARES = {"L1": 1.0}


def reply(number: int, text: str, **changes: str) -> HttpReply:
    target = targets(TASK, number, directions=shipped(), levels=SHARES, languages={"en": 1.0})[number - 1]
    script = {
        "id": target.id,
        "text": text,
        "task": "Foreign words",
        "category": "education",
        "task_description": f"{target.direction.opening} A good answer stays in English and explains the word.",
        "language": "en",
        "text_cn": "请问这个词是什么意思",
        "level": "L1",
        **changes,
    }
    return HttpReply.json({"choices": [{"message": {"content": json.dumps(script)}}]})


def augment(folder, url, *more):
    options = [
        "--tasks",
        TASK,
        "--levels",
        "L1=1",
        "--languages",
        "en=1",
        "--writer",
        url,
        "--model",
        "m",
        "--key-env",
        "",
    ]
    return CliRunner().invoke(app, ["suite", "augment", "--out", str(folder), *options, "-q", *more])


def test_scripts_grow_over_http_are_told_with_their_cost_and_resumed(tmp_path):
    first = "My hiking guide kept shouting vorwarts at us last Sunday, what did she want?"
    second = "There is a sign reading chiuso on the bakery door, can I still buy rolls?"
    replies = (reply(1, first, level="L3"), reply(1, first), reply(2, second))
    with http_server(*replies) as (url, asked):
        done = augment(tmp_path, url, "--per-task", "2", "--json")
        again = augment(tmp_path, url, "--per-task", "2", "--json")
        calls = len(asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["scripts"], told["calls"], told["rejections"], told["given_up"]) == (2, 3, {"wrong_value": 1}, [])
    assert told["asked_characters"] > 1000 and told["replied_characters"] > 300
    assert calls == 3 and json.loads(again.stdout)["files"] == told["files"]
    records = json.loads((tmp_path / "scripts.json").read_text(encoding="utf-8"))
    assert [record["text"] for record in records] == [first, second]


def test_a_plan_asks_nobody(tmp_path):
    done = augment(tmp_path, "http://127.0.0.1:9", "--per-task", "4", "--plan", "--json")
    assert json.loads(done.stdout)["plan"]["scripts"] == 4 and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--levels", "L2"], "--levels L2: KEY=SHARE needed"),
        (["--levels", "L9=1"], "'L9' given"),
        (["--tasks", "knitting"], "task 'knitting': no seeds"),
        (["--prefix", "a/b"], "use letters and digits"),
        (["--scripts", "nowhere.toml"], "no such file"),
    ],
)
def test_bad_input_ends_with_one_line_and_status_2(tmp_path, options, told):
    done = augment(tmp_path, "http://127.0.0.1:9", *options)
    assert done.exit_code == 2 and told in done.stderr and done.stderr.count("\n") <= 2
