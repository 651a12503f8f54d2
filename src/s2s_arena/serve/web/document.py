"""The OpenAPI document: what FastAPI derives from the routes, and what every route may also ask for and answer."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from s2s_arena.serve.web.asking import COOKIE, FORM_FIELD, FORM_HEADER

OPEN = (
    "/",
    "/join/{token}",
    "/board/{study}",
    "/api/board/{study}",
    "/board/{study}/published",
    "/board/{study}/published/{version}",
    "/api/board/{study}/published/{version}",
)
"""Routes that need no session."""

_REFUSALS = {
    "400": "The body cannot be read as what it says it is",
    "401": "No session, or one that has ended",
    "403": "Not allowed: the form key is missing or old, the origin is another site, or the page is for others",
    "404": "There is nothing here, or not for this person: which of the two is not told",
    "409": "In conflict with what is stored, or against the study's rules",
    "413": "More than is read",
    "415": "Not of the content type that is read",
    "422": "Not understood; the message names the field",
    "429": "Too many requests",
    "503": "It could not be stored: nothing has changed, the same request may be sent again",
}
_FILES = ("text/csv", "application/json", "application/jsonl", "application/vnd.apache.parquet")
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}


def documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Makes the document of an application, once, with all its routes."""
    derived = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = derived()
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {})["Refusal"] = _ERROR
            parts["securitySchemes"] = {"session": {"type": "apiKey", "in": "cookie", "name": COOKIE}}
            for path, methods in made["paths"].items():
                for method, operation in methods.items():
                    _complete(operation, path=path, method=method)
            app.openapi_schema = made
        return app.openapi_schema

    return document


def _complete(operation: dict[str, Any], *, path: str, method: str) -> None:
    answers = operation["responses"]
    page = not path.startswith("/api/")
    if page:
        answers["303"] = {"description": "What was asked is done, or another page comes first"}
    if "/export/" in path:
        answers["200"] = {"description": "The file", "content": {kind: {} for kind in _FILES}}
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    if page:
        refused["text/html"] = {"schema": {"type": "string"}}
    for status, why in _REFUSALS.items():
        answers[status] = {"description": why, "content": refused}
    if page and method == "post" and "requestBody" not in operation:
        fields = {"type": "object", "additionalProperties": {"type": "string"}}
        fields |= {"required": [FORM_FIELD], "properties": {FORM_FIELD: {"type": "string"}}}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": fields}}}
        if "200" in answers:
            answers["200"] = {"description": "The page again", "content": {"text/html": {"schema": {"type": "string"}}}}
    elif method == "post":
        header = {"name": FORM_HEADER, "in": "header", "required": True, "schema": {"type": "string"}}
        operation.setdefault("parameters", []).append(header)
    if path not in OPEN:
        operation["security"] = [{"session": []}]
