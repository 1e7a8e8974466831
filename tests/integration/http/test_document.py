"""The OpenAPI document: valid by others' rules, complete, and without a float anywhere (SPEC 15, 18)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import jsonschema_rs
import msgspec
import pytest
from litestar import Litestar
from msgspec import Meta, Struct
from schemathesis.specs.openapi.definitions import OPENAPI_31

from arcadia_adapters.jwt import JwtVerifier
from arcadia_app.http import openapi
from arcadia_app.http.answers import HEADERS
from arcadia_app.http.app import HttpOptions, litestar
from arcadia_app.http.problems import MISSING, PROBLEM_JSON, STATUS
from arcadia_app.wire import types
from tests.integration.http.conftest import ISSUER, SECRET, Api
from tests.integration.http.described import JsonObject, Operation, operations_of


@pytest.fixture(scope="module")
def routes() -> Litestar:
    """The routes, without anything behind them: the document is made of them alone."""
    verifier = JwtVerifier([SECRET], issuer=ISSUER, audience=ISSUER)
    return litestar(None, verifier, HttpOptions())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def document(routes: Litestar) -> JsonObject:
    return openapi.document(routes)


@pytest.fixture(scope="module")
def operations(document: JsonObject) -> list[Operation]:
    return operations_of(document)


def schemas(told: object, place: str = "") -> Iterator[tuple[str, JsonObject]]:
    """Every schema under a part of the document, with its place."""
    if isinstance(told, dict):
        for name, one in told.items():
            here = f"{place}/{name}"
            if name == "schema":
                yield from nested(here, one)
            elif name not in ("example", "examples"):
                yield from schemas(one, here)
    elif isinstance(told, list):
        for number, one in enumerate(told):
            yield from schemas(one, f"{place}/{number}")


def nested(place: str, schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    yield place, schema
    for name, field in schema.get("properties", {}).items():
        yield from nested(f"{place}/{name}", field)
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for number, one in enumerate(schema.get(word, ())):
            yield from nested(f"{place}/{word}/{number}", one)
    for word in ("items", "additionalProperties"):
        if isinstance(one := schema.get(word), dict):
            yield from nested(f"{place}/{word}", one)


@pytest.fixture(scope="module")
def every_schema(document: JsonObject) -> list[tuple[str, JsonObject]]:
    components = document["components"]["schemas"]
    return [
        *(one for name, shape in components.items() for one in nested(name, shape)),
        *schemas(document["paths"]),
        *schemas(document["components"]["headers"]),
    ]


def test_the_document_is_what_is_served(api: Api, document: JsonObject) -> None:
    served = api.bare().get(openapi.PATH)
    assert served.headers["Content-Type"] == "application/json"
    assert served.json() == document


def test_the_document_is_valid_by_the_specification_of_openapi(document: JsonObject) -> None:
    jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(document)


def test_every_schema_is_a_schema(every_schema: list[tuple[str, JsonObject]]) -> None:
    for place, schema in every_schema:
        assert jsonschema_rs.meta.is_valid(schema), place


def test_every_reference_leads_somewhere(document: JsonObject) -> None:
    def references(told: object) -> Iterator[str]:
        if isinstance(told, dict):
            if isinstance(told.get("$ref"), str):
                yield told["$ref"]
            for one in told.values():
                yield from references(one)
        elif isinstance(told, list):
            for one in told:
                yield from references(one)

    for reference in references(document):
        found = document
        for word in reference.removeprefix("#/").split("/"):
            found = found[word]


def test_no_component_is_left_that_nothing_speaks_of(document: JsonObject) -> None:
    text = msgspec.json.encode(document).decode()
    for kind, components in document["components"].items():
        if kind != "securitySchemes":
            unused = [name for name in components if f'"#/components/{kind}/{name}"' not in text]
            assert unused == [], kind


def test_there_is_no_float_and_nothing_unconstrained(every_schema: list[tuple[str, JsonObject]]) -> None:
    assert len(every_schema) > 50
    for place, schema in every_schema:
        assert isinstance(schema, dict), place
        assert schema.get("type") != "number", place
        assert "number" not in (schema["type"] if isinstance(schema.get("type"), list) else []), place
        assert {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"} & schema.keys(), place
        if schema.get("type") == "array":
            assert "items" in schema, place
        if schema.get("type") == "object" and "$ref" not in schema:
            assert "properties" in schema or isinstance(schema.get("additionalProperties"), dict), place


def test_the_document_itself_holds_no_float(document: JsonObject) -> None:
    def floats(told: object, place: str) -> Iterator[str]:
        if isinstance(told, float):
            yield place
        for name, one in (
            told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
        ):
            yield from floats(one, f"{place}/{name}")

    assert list(floats(document, "")) == []


def test_money_is_whole_cents(every_schema: list[tuple[str, JsonObject]]) -> None:
    money = [(place, schema) for place, schema in every_schema if place.endswith("_cents")]
    for place, schema in money:
        kinds = {one.get("type") for one in schema.get("anyOf", [schema])}
        assert kinds <= {"integer", "null"}, place
        assert "integer" in kinds, place


def test_every_operation_is_named_once_and_told_of(operations: list[Operation]) -> None:
    names = Counter(one.told["operationId"] for one in operations)
    assert [name for name, count in names.items() if count > 1] == []
    for one in operations:
        told = one.told
        verb, _, noun = told["operationId"].partition("_")
        assert verb, one
        assert noun, one
        assert 5 <= len(told["summary"]) <= 80, one
        assert told["description"], one
        assert len(told["tags"]) == 1, one


def test_every_tag_is_described(document: JsonObject, operations: list[Operation]) -> None:
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert {tag for one in operations for tag in one.told["tags"]} == described


def test_a_secured_operation_says_401_and_400_and_a_public_one_that_it_is_public(
    operations: list[Operation],
) -> None:
    for one in operations:
        if one.secured:
            assert {"400", "401", "429", "503"} <= one.told["responses"].keys(), one
        else:
            assert "401" not in one.told["responses"], one
    assert {one.path for one in operations if not one.secured} <= {"/api/health", "/api/ready", "/metrics"}


def test_every_refusal_is_a_problem_that_lists_its_codes(operations: list[Operation]) -> None:
    for one in operations:
        for status, answer in one.told["responses"].items():
            if status.startswith(("4", "5")) and (one.path, status) != ("/api/ready", "503"):
                assert list(answer["content"]) == [PROBLEM_JSON], (one, status)
                codes = one.codes(int(status))
                assert codes, (one, status)
                for code in codes:
                    assert STATUS.get(code, 404 if code in MISSING else None) in (int(status), None) or (
                        code in MISSING and status == "422"
                    ), (one, status, code)
                    assert code in answer["description"], (one, status, code)


def test_every_call_with_a_token_may_fail_on_our_side_and_says_how(operations: list[Operation]) -> None:
    for one in operations:
        if one.secured:
            assert one.codes(500) == ["internal_error"], one
            assert one.codes(503) == ["database_busy", "database_unreachable", "database_without_schema"], one


def test_each_code_has_one_sentence_that_says_something(
    document: JsonObject, operations: list[Operation]
) -> None:
    sentences: dict[str, set[str]] = {}
    for one in operations:
        for answer in one.told["responses"].values():
            for line in answer["description"].splitlines():
                if found := re.fullmatch(r"- `(\w+)`: (.*)", line):
                    sentences.setdefault(found[1], set()).add(found[2])
    assert len(sentences) > 40
    for code, told in sentences.items():
        (sentence,) = told
        assert len(re.findall("[a-z]{2,}", sentence)) >= 3, (code, sentence)
        assert sentence != "The request was refused.", code
    for name, example in document["components"]["examples"].items():
        assert len(re.findall("[a-z]{2,}", example["value"]["detail"])) >= 3, name


def test_every_operation_tells_what_it_answers_when_all_is_well(operations: list[Operation]) -> None:
    for one in operations:
        done = [status for status in one.told["responses"] if status.startswith("2")]
        assert len(done) == 1, one
        answer = one.told["responses"][done[0]]
        assert answer["description"], one
        if done != ["204"]:
            assert all("schema" in told for told in answer["content"].values()), one


def test_headers_are_told_where_they_come(operations: list[Operation]) -> None:
    for one in operations:
        for status, answer in one.told["responses"].items():
            told = answer["headers"].keys()
            assert told <= HEADERS.keys()
            assert "X-Request-Id" in told, (one, status)
            assert ("WWW-Authenticate" in told) == (status == "401"), (one, status)
            assert "Location" not in told or status in ("201", "202"), (one, status)
            assert "Location" in told or status != "202", one
            if status in ("429", "503"):
                assert "Retry-After" in told, (one, status)
    assert any("ETag" in answer["headers"] for one in operations for answer in one.told["responses"].values())


def test_a_post_takes_an_idempotency_key_and_says_when_it_answers_again(operations: list[Operation]) -> None:
    for one in operations:
        keyed = any(parameter["name"] == "Idempotency-Key" for parameter in one.told.get("parameters", ()))
        assert keyed == (one.method == "post"), one
        if keyed:
            assert "idempotency_key_reused" in one.codes(409), one
            done = next(answer for status, answer in one.told["responses"].items() if status.startswith("2"))
            assert "Idempotency-Replayed" in done["headers"], one


def test_a_list_has_pages(operations: list[Operation], document: JsonObject) -> None:
    for one in operations:
        answer = one.told["responses"].get("200", {})
        name = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
        shape = document["components"]["schemas"].get(name.rpartition("/")[2], {})
        if "next_cursor" not in shape.get("properties", {}):
            continue
        taken = {parameter["name"]: parameter["schema"] for parameter in one.told["parameters"]}
        assert (taken["limit"]["minimum"], taken["limit"]["maximum"], taken["limit"]["default"]) == (
            1,
            200,
            50,
        )
        assert "cursor" in taken, one
        assert "invalid_cursor" in one.codes(400), one


def test_every_body_and_every_answer_has_an_example_that_is_valid(
    document: JsonObject, operations: list[Operation]
) -> None:
    def valid(schema: JsonObject, value: object) -> bool:
        whole = {**schema, "components": document["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)

    for one in operations:
        contents = [
            told
            for part in (one.told.get("requestBody", {}), *one.told["responses"].values())
            for told in part.get("content", {}).values()
        ]
        for told in contents:
            values = [told["example"]] if "example" in told else []
            values += [
                document["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]
                for example in told.get("examples", {}).values()
            ]
            assert values, one
            for value in values:
                assert valid(told["schema"], value), (one, value)


def test_what_was_created_is_linked_to_what_can_be_done_with_it(document: JsonObject) -> None:
    created = document["paths"]["/api/v1/deployments"]["post"]["responses"]["201"]["links"]
    assert created["transition_deployment"] == {
        "operationId": "transition_deployment",
        "parameters": {"deployment_id": "$response.body#/id"},
    }
    listed = document["paths"]["/api/v1/deployments"]["get"]["responses"]["200"]["links"]
    assert listed["read_deployment"]["parameters"] == {"deployment_id": "$response.body#/items/0/id"}


def test_every_link_gives_its_operation_what_it_asks_for(operations: list[Operation]) -> None:
    by_name = {one.told["operationId"]: one for one in operations}
    for one in operations:
        for answer in one.told["responses"].values():
            for link in answer.get("links", {}).values():
                asked = by_name[link["operationId"]].told["parameters"]
                in_path = {parameter["name"] for parameter in asked if parameter["in"] == "path"}
                assert link["parameters"].keys() == in_path, (one, link)


def test_no_pattern_of_a_shape_lets_a_line_break_pass_at_its_end() -> None:
    """Python's `$` does; what a pattern means is that it matches the whole."""

    def patterns(shape: Any) -> Iterator[str]:
        for meta in getattr(shape, "__metadata__", ()):
            if isinstance(meta, Meta) and meta.pattern is not None:
                yield meta.pattern
        for part in getattr(shape, "__args__", ()):
            yield from patterns(part)

    found = [pattern for shape in vars(types).values() for pattern in patterns(shape)]
    found += [
        pattern
        for shape in _shapes(Struct)
        for field in msgspec.structs.fields(shape)
        for pattern in patterns(field.type)
    ]
    assert len(found) > 5
    assert [pattern for pattern in found if pattern.endswith("$")] == []


def _shapes(of: type[Struct]) -> Iterator[type[Struct]]:
    for one in of.__subclasses__():
        yield one
        yield from _shapes(one)


def test_the_pages_that_ask_a_cdn_are_not_served(api: Api) -> None:
    for path in ("", "/", "/redoc", "/swagger", "/elements", "/rapidoc", "/openapi.json", "/openapi.yaml"):
        refused = api.bare().get(f"/api/docs/litestar{path}")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), path
    refused = api.bare().get("/schema")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


_OF_A_FORM = {"id": str(UUID(int=1)), "code": "studio", "day": "2026-05-01", "name": "metering"}
"""Values that a path takes, by the last word of the parameter's name."""


def test_options_names_every_method_of_a_path_to_anybody(api: Api, operations: list[Operation]) -> None:
    taken: dict[str, set[str]] = {}
    for one in operations:
        if one.secured:
            taken.setdefault(one.path, set()).add(one.method.upper())
    for template, methods in taken.items():
        path = re.sub(r"\{[^{}]*_([a-z]+)\}", lambda found: _OF_A_FORM[found[1]], template)
        answer = api.bare().options(path)
        assert (answer.status_code, answer.text) == (204, ""), path
        assert set(answer.headers["Allow"].split(", ")) == methods | {"OPTIONS"}, path


def test_every_amount_in_cents_is_bounded_by_what_a_double_holds_exactly(document: JsonObject) -> None:
    amounts = {
        f"{shape}.{name}": told
        for shape, schema in document["components"]["schemas"].items()
        for name, told in schema.get("properties", {}).items()
        if name.endswith("_cents")
    }
    assert len(amounts) > 20
    for name, told in amounts.items():
        (number,) = [one for one in told.get("anyOf", [told]) if one.get("type") != "null"]
        assert abs(number["minimum"]) <= number["maximum"] <= 2**53 - 1, name
