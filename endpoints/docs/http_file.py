"""Endpoints as an `.http` file, which editors send request by request. Pure."""

import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from endpoints.docs import samples
from endpoints.docs.samples import Sample
from endpoints.docs.subject import Described
from endpoints.models import Auth
from mappings.paths import at

_HEADERS = {
    Auth.BEARER: "Authorization: Bearer {{token}}",
    Auth.BASIC: "Authorization: Basic {{login}} {{password}}",
}


def text(described: Sequence[Described], *, base: str) -> str:
    """`base` is the API's address."""
    lines = [
        "# Sent one by one from an editor: VS Code with REST Client, or an IDE of JetBrains.",
        f"@baseUrl = {base}",
        f"@{samples.NEW_NAME} = TRY-1",
    ]
    auths = {one.endpoint.auth for one in described}
    if Auth.BEARER in auths:
        lines.append("@token = an access key's token")
    if Auth.BASIC in auths:
        lines += ["@login = an access key's login", "@password = and its password"]
    for one in described:
        lines += _names(one)
    for one in described:
        for sample in samples.of(one):
            lines += ["", *_request(one, sample)]
    return "\n".join(lines) + "\n"


def _request(one: Described, sample: Sample) -> Iterator[str]:
    asked = "&".join(f"{key}={value}" for key, value in sample.query.items())
    yield f"### {one.endpoint.name}: {sample.title}"
    yield f"{sample.method} {{{{baseUrl}}}}{sample.path}" + (f"?{asked}" if asked else "")
    if one.endpoint.auth in _HEADERS:
        yield _HEADERS[Auth(one.endpoint.auth)]
    yield from (f"{key}: {value}" for key, value in sample.headers.items())
    if sample.body is not None:
        yield "Content-Type: application/json"
        yield ""
        yield from json.dumps(sample.body, indent=2, ensure_ascii=False).splitlines()


def _names(one: Described) -> Iterator[str]:
    """The variables that stand for records, since a file cannot take names from answers."""
    spec = one.endpoint.mapping
    there = at(one.example, spec.identifier.path)
    for sample in samples.of(one):
        if sample.finds:
            yield f"@{sample.finds} = {quote(str(there), safe='') if there is not None else 'the name of one'}"
        if sample.makes:
            named = (
                f"{{{{{samples.NEW_NAME}}}}}"
                if spec.identifier.to_odoo
                else "its id, from the answer to POST"
            )
            yield f"@{sample.makes} = {named}"
