"""Refusals, limits and faults become the errors that the answer stage tells apart."""

import pytest

from s2s_arena.errors import AccessError, EmptyAnswer, InfrastructureError, Refused, RequestRejected
from s2s_arena.models.remote import failures as f


@pytest.mark.parametrize(
    ("status", "code", "message", "signs", "kind"),
    [
        (401, "invalid_api_key", "Incorrect API key provided", f.COMMON_SIGNS, AccessError),
        (403, "", "", f.COMMON_SIGNS, AccessError),
        (404, "model_not_found", "no such model", f.COMMON_SIGNS, AccessError),
        (429, "insufficient_quota", "You exceeded your current quota", f.COMMON_SIGNS, AccessError),
        (429, "rate_limit_exceeded", "slow down", f.COMMON_SIGNS, InfrastructureError),
        (503, "", "<html>busy</html>", f.COMMON_SIGNS, InfrastructureError),
        (400, "invalid_value", "unknown field", f.COMMON_SIGNS, RequestRejected),
        (400, "content_policy_violation", "no", f.COMMON_SIGNS, Refused),
        (400, "data_inspection_failed", "Input data may contain", f.DASHSCOPE_SIGNS, Refused),
        (400, "Arrearage", "overdue", f.DASHSCOPE_SIGNS, AccessError),
        (429, "Throttling.RateQuota", "too fast", f.DASHSCOPE_SIGNS, InfrastructureError),
        (400, "1301", "unsafe", f.ZHIPU_SIGNS, Refused),
        (429, "1113", "no money", f.ZHIPU_SIGNS, AccessError),
        (429, "1302", "too many", f.ZHIPU_SIGNS, InfrastructureError),
        (None, "45000002", "empty audio", f.DOUBAO_SIGNS, EmptyAnswer),
        (None, "55000001", "server", f.DOUBAO_SIGNS, InfrastructureError),
        (None, "", "API key not valid. Please pass a valid API key.", f.GEMINI_SIGNS, AccessError),
        (None, "", "nobody knows", f.COMMON_SIGNS, InfrastructureError),
    ],
)
def test_a_refusal_becomes_its_error(status, code, message, signs, kind):
    error = f.failure(message, who="x", code=code, status=status, signs=signs)
    assert type(error) is kind
    assert "\n" not in str(error) and str(error).startswith("x: ")


def test_the_time_to_wait_goes_with_the_error():
    assert f.failure("slow", who="x", status=429, retry_after_s=3.0).retry_after_s == 3.0


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Rate limit reached. Please try again in 1.5s. Visit", 1.5),
        ("Please retry in 33.25s.", 33.25),
        ("try again in 250ms", 0.25),
        ("Try again after 2 m", 120.0),
        ("try again in a while", None),
        ("try again in 3 seconds", 3.0),
    ],
)
def test_the_time_to_wait_may_stand_in_the_words(words, seconds):
    assert f.failure(words, who="x", code="rate_limit_exceeded").retry_after_s == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After-Ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    assert f.retry_after(headers, now_s=10.0) == seconds


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error":{"message":"m","type":"t","code":"c"}}', "c t", "m"),
        (b'{"code":"Arrearage","message":"m"}', "Arrearage", "m"),
        (b'{"error":{"code":"1301","message":"m"}}', "1301", "m"),
        (b'{"error":"m"}', "", "m"),
        (b"plain", "", "plain"),
    ],
)
def test_an_error_body_is_read_in_every_vendors_shape(body, code, message):
    assert f.told(body) == (code, message)
