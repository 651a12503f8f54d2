"""The OpenAPI document is true: whatever is sent by it is answered as it says, and nothing sent breaks the server."""

import copy
import re
from contextlib import nullcontext, suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from s2s_arena.serve.web.asking import COOKIE, FORM_FIELD, FORM_HEADER
from s2s_arena.serve.web.document import OPEN
from tests.serve.desks import job, with_desks, worker
from tests.serve.ports import served

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)
EXAMPLES = 2


def tried(operation, mode, call) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def examples(case) -> None:
        call(case)

    with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
        examples()  # where nothing is asked for, nothing can be asked wrongly


def without_keys(document):
    """The document for somebody who always sends a session and a form key: what happens without is tried below."""
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
            kept = [p for p in operation.get("parameters", []) if p["name"] != FORM_HEADER]
            operation["parameters"] = kept
    return document


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADMIN, "reviewer"])
def test_every_route_answers_as_documented(make, role):
    w = with_desks(make(conduct={"public_board": True}))
    reviews = job(w, JobKind.REVIEW)
    browser = worker(w, reviews) if role == "reviewer" else w.browser(w.person(role))
    schema = schemathesis.openapi.from_dict(without_keys(copy.deepcopy(w.app.openapi())))
    checks = CHECKS.get_by_names(CHECKED)
    calls, wrong = 0, []
    with served(w.app) as address:

        def call(case) -> None:
            nonlocal calls
            calls += 1
            if case.media_type == "application/x-www-form-urlencoded" and isinstance(case.body, dict):
                case.body[FORM_FIELD] = browser.form_key
            try:
                case.call_and_validate(
                    base_url=address,
                    cookies={COOKIE: browser.client.cookies[COOKIE]},
                    headers={FORM_HEADER: browser.form_key},
                    checks=checks,
                    allow_redirects=False,
                )
            except FailureGroup as group:
                wrong.extend(f"{case.method} {case.path}: {one}" for one in group.exceptions)

        for found in schema.get_all_operations():
            operation = found.ok()
            for mode in GenerationMode:
                tried(operation, mode, call)
    assert not wrong, "\n\n".join(wrong)
    assert calls > 100


def test_without_a_session_every_route_but_the_open_ones_refuses(make):
    w = with_desks(make())
    document = w.app.openapi()
    client = w.browser(w.person()).client
    client.cookies.clear()
    values = {"token": "0" * 32, "item": "0" * 32, "id": "0" * 12, "study": "people"}
    for path, methods in document["paths"].items():
        for method in methods:
            asked = re.sub(r"{(\w+)}", lambda found: values.get(found[1], "x"), path)
            answer = client.request(method, asked, headers={"accept": "text/html"}, follow_redirects=False)
            if path in OPEN:
                assert "security" not in methods[method]
            else:
                assert answer.status_code in (401, 403, 415), path
