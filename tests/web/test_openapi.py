"""The description of the API is complete: every route, every parameter, every status."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Route
from starlette.testclient import TestClient

from vigie.model.kinds import KINDS
from vigie.web.api.document import describe

DOCUMENT = describe()
CASES = [(path, entry["get"]) for path, entry in DOCUMENT["paths"].items()]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def conforms(value: Any, schema: dict[str, Any], where: str) -> None:
    """Check types, enumerations, required and unknown properties: what our schemas use."""
    schema = resolved(schema)
    if "anyOf" in schema:
        if value is not None:
            conforms(value, schema["anyOf"][0], where)
        return
    if "type" not in schema:
        return
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool,
             "object": dict, "array": list, "null": type(None)}  # fmt: skip
    assert any(isinstance(value, names[t]) for t in types), f"{where}: {value!r} is no {types}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: {value!r}"
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        assert set(schema.get("required", ())) <= set(value), where
        for name, inner in value.items():
            if name in properties:
                conforms(inner, properties[name], f"{where}/{name}")
            else:
                assert schema.get("additionalProperties") is not False, f"{where}/{name}"
    if isinstance(value, list) and "items" in schema:
        for one in value:
            conforms(one, schema["items"], f"{where}[]")


def address(path: str, client: TestClient) -> str:
    if "{name}" in path:
        return path.replace("{name}", "souk")
    if path.startswith("/api/v1/runs/"):
        return path.replace("{id}", client.get("/api/v1/runs").json()["items"][0]["run"])
    if "{id}" in path:
        root = path.partition("/{id}")[0]
        return path.replace("{id}", client.get(f"{root}?limit=1").json()["items"][0]["id"])
    return path


@pytest.mark.parametrize(("path", "operation"), CASES, ids=[path for path, _ in CASES])
def test_answers_are_as_described(owner: TestClient, path: str, operation: Any) -> None:
    """What comes back has the described shape: no property more, none less."""
    response = owner.get(address(path, owner))
    assert response.status_code == 200
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    conforms(response.json(), schema, path)


@pytest.mark.parametrize(("path", "operation"), CASES, ids=[path for path, _ in CASES])
def test_every_status_is_described(client: TestClient, path: str, operation: Any) -> None:
    """Wrong parameters, unknown things and wrong methods answer as the description says."""
    where = address(path, client)
    asked = [
        client.get(f"{where}?colour=red"),
        client.get(f"{where}?limit=0"),
        client.delete(where),
        client.get(where, headers={"if-none-match": "*"}),
    ]
    if "{" in path:
        asked.append(client.get(path.replace("{id}", "nothing").replace("{name}", "nothing")))
    for response in asked:
        status = str(response.status_code)
        assert status in operation["responses"], (response.request.url, status)
        if response.status_code >= 400:
            conforms(response.json(), {"$ref": "#/components/schemas/Problem"}, path)


def test_every_route_of_the_api_is_described(client: TestClient) -> None:
    """A route that the document does not know does not ship."""
    app = client.app
    assert isinstance(app, FastAPI)
    routes = {r.path for r in app.router.routes if isinstance(r, Route)}
    assert {path for path in routes if path.startswith("/api/")} == set(DOCUMENT["paths"])


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_described_parameter_is_accepted(client: TestClient, kind: Any) -> None:
    """The document names no parameter that the API would refuse as unknown."""
    for parameter in DOCUMENT["paths"][f"/api/v1/{kind.plural}"]["get"]["parameters"]:
        if parameter["in"] != "query":
            continue
        response = client.get(f"/api/v1/{kind.plural}", params={parameter["name"]: "~"})
        assert "there is no parameter" not in response.text, parameter["name"]


def test_the_document_is_served_and_is_3_1(client: TestClient) -> None:
    """Tools read it where they look for it."""
    assert client.get("/openapi.json").json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")
    operations = [operation["operationId"] for _, operation in CASES]
    assert len(operations) == len(set(operations))
