"""The published API documents of Stripe and HighLevel as validators.

`GHL_TRIAGE_SPECS` names the folder that holds them. Stripe's document is a version older than the SDK that we pin: what
is newer stands in `NEWER`, each entry read from the types of `stripe` 16.1. All else must be in the document: objects
are closed. HighLevel's documents are loose, and wrong in places; `SEEN` and `LOOSE` say where, from responses of real
accounts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
import orjson
import pytest

from ghl_triage.sandbox.http import form

Json = dict[str, Any]

NEWER: Mapping[str, tuple[str, ...]] = {
    "billing_portal.session": ("after_expiration",),
    "charge": ("authorization_code",),
    "checkout.session": ("allowed_payment_method_types",),
    "dispute": ("intended_submission_method", "network_reason_code"),
    "invoice": ("status_details",),
    "payment_intent": ("allowed_payment_method_types", "payment_record", "source"),
    "payment_method_details_card": ("setup_credential_usage", "stored_credential_usage"),
    "setup_intent": ("allowed_payment_method_types",),
    "subscription": ("status_details",),
    "subscription_item": ("current_trial",),
}
"""Fields of API version 2026-10-28.endive that the document of 2026-05-27 lacks, by schema."""

NEWER_PARAMS: Mapping[str, tuple[str, ...]] = {
    "GET /v1/products": ("type",),
    "GET /v1/subscriptions": ("plan",),
    "POST /v1/billing_portal/sessions": ("after_expiration",),
    "POST /v1/checkout/sessions": ("allowed_payment_method_types",),
    "POST /v1/customers": ("validate",),
    "POST /v1/customers/{id}": ("validate",),
    "POST /v1/customers/{id}/sources": ("validate",),
    "POST /v1/payment_intents": ("allowed_payment_method_types",),
    "POST /v1/products": ("tax_details", "type"),
    "POST /v1/products/{id}": ("tax_details",),
    "POST /v1/setup_intents": ("allowed_payment_method_types",),
    "POST /v1/setup_intents/{id}/confirm": ("allowed_payment_method_types",),
    "POST /v1/subscriptions/{id}/resume": ("payment_behavior",),
}
"""The same for request parameters."""

SEEN: Mapping[str, tuple[str, ...]] = {
    "SubscriptionResponseSchema": ("contactPhone", "entitySourceSubType", "trialEndDate"),
    "TxnResponseSchema": ("contactPhone",),
}
"""Fields of HighLevel's that responses of real accounts hold and the documents lack."""

LOOSE = frozenset({"status", "altType", "entitySource", "schedule"})
"""Properties that HighLevel's documents type as an object, or not at all, and that real responses fill otherwise."""


def folder() -> Path | None:
    """Where the documents lie; None when nobody says."""
    named = os.environ.get("GHL_TRIAGE_SPECS")
    return Path(named) if named else None


def require() -> None:
    """Called by the modules that need the documents: without them one skip line, in CI a failure."""
    if folder() is None:
        reason = "GHL_TRIAGE_SPECS names no folder with the published API documents"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason, allow_module_level=True)


@cache
def stripe() -> Document:
    """Stripe's document, read once for a test run."""
    return Document(_load("stripe-openapi.json"), strings_allowed=True)


@cache
def highlevel(name: str) -> Document:
    """One of HighLevel's date-versioned documents: payments, contacts, workflows, locations, companies, saas-api."""
    loaded = _load(f"highlevel/v2-2021/{name}.json")
    common = _load("highlevel/v2-2021/common-schemas.json")["components"]["schemas"]
    loaded["components"]["schemas"].update(common)
    return Document(loaded, strings_allowed=False)


def _load(name: str) -> Json:
    at = folder()
    assert at is not None, "GHL_TRIAGE_SPECS is not set"
    loaded: Json = orjson.loads((at / name).read_bytes())
    return loaded


class Document:
    """An OpenAPI document whose operations can be asked about requests and responses."""

    def __init__(self, document: Json, *, strings_allowed: bool) -> None:
        self._schemas: Json = document["components"]["schemas"]
        self._paths: dict[str, Json] = document["paths"]
        self._patterns = [(re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "/?$"), path) for path in self._paths]
        self._strings_allowed = strings_allowed
        self._loose = frozenset() if strings_allowed else LOOSE
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def path_of(self, path: str) -> str:
        """The document's name for a path; a fixed word goes before a parameter."""
        found = [name for pattern, name in self._patterns if pattern.match(path)]
        assert found, f"the document has no path {path}"
        return str(min(found, key=lambda name: name.count("{")))

    def response_errors(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with a response; empty where nothing is."""
        responses = self._paths[self.path_of(path)][method.lower()]["responses"]
        answer = responses.get(str(status), responses.get("default", {}))
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return []
        return self._errors(f"{method} {path_key(self.path_of(path))} {status}", schema, body)

    def object_errors(self, schema_name: str, body: Any) -> list[str]:
        """What is wrong with one object of a named schema."""
        return self._errors(schema_name, {"$ref": f"#/components/schemas/{schema_name}"}, body)

    def has(self, schema_name: str) -> bool:
        """Whether the document describes this object."""
        return schema_name in self._schemas

    def request_errors(self, method: str, path: str, params: Mapping[str, Any]) -> list[str]:
        """What is wrong with a request's parameters, nested: the query of a GET, the body of a POST."""
        name = f"{method} {path_key(self.path_of(path))}"
        operation = self._paths[self.path_of(path)][method.lower()]
        queried = [given for given in operation.get("parameters", []) if given["in"] == "query"]
        properties = {given["name"]: given.get("schema", {}) for given in queried}
        required = [given["name"] for given in queried if given.get("required")]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            body = self._resolved(content["schema"])
            properties |= body.get("properties", {})
            required += body.get("required", [])
        properties |= {newer: {} for newer in NEWER_PARAMS.get(name, ())}
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return self._errors(f"request {name}", schema, dict(params), request=True)

    def parameters(self, method: str, path: str) -> set[str]:
        """The names that the document, or a newer SDK, allows in a request."""
        found = self.path_of(path)
        operation = self._paths[found][method.lower()]
        names = {given["name"] for given in operation.get("parameters", []) if given["in"] == "query"}
        for content in operation.get("requestBody", {}).get("content", {}).values():
            names |= self._resolved(content["schema"]).get("properties", {}).keys()
        return names | set(NEWER_PARAMS.get(f"{method} {path_key(found)}", ()))

    def version(self, method: str, path: str) -> str:
        """The Version header that an operation of HighLevel's wants."""
        given = self._paths[self.path_of(path)][method.lower()]["parameters"]
        return str(next(header["schema"]["enum"][0] for header in given if header["name"] == "Version"))

    def expandable(self, schema_name: str, field: str) -> bool:
        """Whether the document names this field of an object as one to expand, or to go through."""
        return field in self._schemas[schema_name].get("x-expandableFields", ())

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def _errors(self, key: str, schema: Json, body: Any, *, request: bool = False) -> list[str]:
        if key not in self._validators:
            rewriting = _Rewriting(self._schemas, self._loose, strings=request and self._strings_allowed)
            self._validators[key] = rewriting.validator(schema)
        return [_told(error) for error in self._validators[key].iter_errors(body)]


def path_key(path: str) -> str:
    """A path with its parameters unnamed: `/v1/invoices/{id}/pay`."""
    return re.sub(r"\{[^}]+\}", "{id}", path)


def _told(error: jsonschema_rs.ValidationError) -> str:
    """The complaint; where no branch of a choice fits, that of the branch which came nearest."""
    branches = getattr(error.kind, "context", None)
    if branches:
        return min((max(map(_told, branch), key=len) for branch in branches if branch), key=_badness)
    return f"{'.'.join(map(str, error.instance_path))}: {error.message[:300]}"


def _badness(told: str) -> tuple[bool, int]:
    """A wrong type says only that another branch was meant."""
    return " is not of type" in told, -told.count(".")


class _Rewriting:
    """OpenAPI 3.0 as JSON schema: `nullable`, closed objects, parameters that arrive as text."""

    def __init__(self, schemas: Json, loose: frozenset[str], *, strings: bool) -> None:
        self._schemas = schemas
        self._loose = loose
        self._strings = strings
        self._definitions: Json = {}

    def validator(self, schema: Json) -> jsonschema_rs.Validator:
        """A compiled validator of this schema and of all that it refers to."""
        root = self._schema(schema)
        return jsonschema_rs.Draft202012Validator({**root, "$defs": self._definitions})

    def _schema(self, schema: Any, name: str = "") -> Any:
        if "$ref" in schema:
            return self._nullable(schema, {"$ref": f"#/$defs/{self._define(schema['$ref'].rsplit('/', 1)[-1])}"})
        kept: Json = {}
        for key in ("type", "enum", "required", "maxLength", "minimum", "maximum", "pattern"):
            if key in schema:
                kept[key] = schema[key]
        if "items" in schema:
            kept["items"] = self._schema(schema["items"])
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                kept["allOf" if key == "allOf" else "anyOf"] = [self._schema(part) for part in schema[key]]
        self._properties(schema, kept, name)
        if self._strings:
            kept = _as_text(kept)
        return self._nullable(schema, kept)

    def _properties(self, schema: Json, kept: Json, name: str) -> None:
        more = schema.get("additionalProperties")
        if "properties" in schema:
            newer = (*NEWER.get(name, ()), *SEEN.get(name, ()))
            kept["properties"] = {key: self._schema(below) for key, below in schema["properties"].items()}
            kept["properties"] |= {
                key: True for key in (*newer, *self._loose) if key in newer or key in kept["properties"]
            }
            if more is None:
                kept["additionalProperties"] = False
        if isinstance(more, bool):
            kept["additionalProperties"] = more
        elif isinstance(more, dict):
            kept["additionalProperties"] = self._schema(more)

    def _define(self, name: str) -> str:
        safe = name.replace(".", "_")
        if safe not in self._definitions:
            self._definitions[safe] = True
            self._definitions[safe] = self._schema(self._schemas[name], name)
        return safe

    @staticmethod
    def _nullable(schema: Json, kept: Json) -> Json:
        return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") else kept


def _as_text(schema: Json) -> Json:
    """A parameter's type as it arrives in a form: text that reads as that type."""
    texts: dict[str, Json] = {
        "integer": {"type": ["string", "integer"], "pattern": r"^-?\d+$"},
        "number": {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"},
        "boolean": {"enum": ["true", "false", True, False]},
    }
    return texts.get(schema.get("type", ""), schema)


def validate_request(method: str, path: str, params: Mapping[str, Any]) -> None:
    """Fails unless Stripe's document allows this request; `params` nested as the SDK takes them."""
    wrong = stripe().request_errors(method, path, params)
    assert not wrong, f"{method} {path}: {wrong}"


def wrong_requests(recorded: Iterable[Mapping[str, Any]]) -> str:
    """What the documents object to in requests that a sandbox recorded and carried out; empty where nothing is wrong.

    Without the documents nothing is checked.
    """
    if folder() is None:
        return ""
    carried_out = [request for request in recorded if request["status"] in (200, 402)]
    return problems((f"{request['method']} {request['path']}", _wrong(request)) for request in carried_out)


def _wrong(request: Mapping[str, Any]) -> list[str]:
    method, path = request["method"], request["path"]
    if request["api"] == "stripe":
        pairs = parse_qsl(request["query"], keep_blank_values=True) + parse_qsl(request["form"], keep_blank_values=True)
        return stripe().request_errors(method, path, form.decode(pairs))
    area = path.split("/")[1]
    document = highlevel("saas-api" if area == "saas" else area)
    versions = (document.version(method, path), "v3")
    wrong = [] if request["version"] in versions else [f"Version: {request['version']}, wanted {versions}"]
    numbers = {"limit", "offset", "page"}
    params = {key: int(text) if key in numbers else text for key, text in parse_qsl(request["query"])}
    return wrong if request["json"] else wrong + document.request_errors(method, path, params)


def problems(found: Iterable[tuple[str, list[str]]]) -> str:
    """The complaints of many checks as one text: an empty one is what a test asserts."""
    return "\n".join(f"{name}: {wrong[:4]}" for name, wrong in found if wrong)
