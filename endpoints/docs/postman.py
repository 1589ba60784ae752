"""Endpoints as a Postman collection (v2.1). Pure.

It can be run as a whole against a running hub: each request checks its status, and requests that need a record which is
not there are skipped.
"""

import json
from collections.abc import Sequence
from typing import Any

from endpoints.docs import samples
from endpoints.docs.samples import Sample
from endpoints.docs.subject import Described
from endpoints.models import Auth

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_ABOUT = (
    "Set the variable `token` (or `login` and `password`) to an access key. Run as a whole, it makes a record of its own in "
    "each endpoint, changes it and deletes it again."
)


def collection(described: Sequence[Described], *, title: str, base: str) -> dict[str, Any]:
    """`base` is the API's address."""
    auths = {one.endpoint.auth for one in described}
    secrets = (["token"] if Auth.BEARER in auths else []) + (
        ["login", "password"] if Auth.BASIC in auths else []
    )
    return {
        "info": {"name": title, "schema": SCHEMA, "description": _ABOUT},
        "variable": [{"key": "baseUrl", "value": base}, *({"key": key, "value": ""} for key in secrets)],
        "event": [_event("prerequest", _NEW_NAME)],
        "item": [_folder(one) for one in described],
    }


_NEW_NAME = [
    f'pm.collectionVariables.set("{samples.NEW_NAME}", "T" + Date.now().toString(36).toUpperCase());'
]


def _folder(one: Described) -> dict[str, Any]:
    pointer = one.endpoint.mapping.identifier.path
    return {
        "name": one.endpoint.name,
        "auth": _auth(one.endpoint.auth),
        "item": [_request(sample, pointer) for sample in samples.of(one)],
    }


def _request(sample: Sample, pointer: Sequence[str]) -> dict[str, Any]:
    asked = "&".join(f"{key}={value}" for key, value in sample.query.items())
    request: dict[str, Any] = {
        "method": sample.method,
        "header": [
            {"key": key, "value": value}
            for key, value in ({"Accept": "application/json"} | sample.headers).items()
        ],
        "url": {
            "raw": f"{{{{baseUrl}}}}{sample.path}" + (f"?{asked}" if asked else ""),
            "host": ["{{baseUrl}}"],
            "path": sample.path.strip("/").split("/"),
            "query": [{"key": key, "value": value} for key, value in sample.query.items()],
        },
    }
    if sample.body is not None:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {
            "mode": "raw",
            "raw": json.dumps(sample.body, indent=2, ensure_ascii=False),
            "options": {"raw": {"language": "json"}},
        }
    events = [_event("test", _checks(sample, pointer))]
    if sample.needs:
        events.append(_event("prerequest", [f'if (!pm.collectionVariables.get("{sample.needs}")) pm.execution.skipRequest();']))  # fmt: skip
    return {"name": sample.title, "event": events, "request": request}


def _checks(sample: Sample, pointer: Sequence[str]) -> list[str]:
    script = [
        f'pm.test("It is answered with {" or ".join(map(str, sample.expected))}", () => '
        f"pm.expect(pm.response.code).to.be.oneOf({json.dumps(sample.expected)}));"
    ]
    if sample.makes:
        script.append(
            f'pm.collectionVariables.set("{sample.makes}", '
            '(pm.response.headers.get("Location") || "").split("/").pop());'
        )
    if sample.finds:
        place = "".join(f"?.[{json.dumps(part)}]" for part in pointer)
        script += [
            f"const name = pm.response.json().results?.[0]{place};",
            f'pm.collectionVariables.set("{sample.finds}", name == null ? "" : encodeURIComponent(name));',
        ]
    return script


def _event(listen: str, script: Sequence[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": list(script)}}


def _auth(auth: str) -> dict[str, Any]:
    match auth:
        case Auth.BEARER:
            return {"type": "bearer", "bearer": [_value("token", "{{token}}")]}
        case Auth.BASIC:
            return {
                "type": "basic",
                "basic": [_value("username", "{{login}}"), _value("password", "{{password}}")],
            }
    return {"type": "noauth"}


def _value(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value, "type": "string"}
