"""The requests in the Postman collection and the `.http` file: one of each kind, in an order in which they work. Pure.

They create a record, read, change and delete it. Other records are only read.
"""

from dataclasses import dataclass, field
from typing import Any

from endpoints.docs import examples
from endpoints.docs.subject import Described


@dataclass(frozen=True)
class Sample:
    """`path` is below the API's base and may contain a variable, `{{…}}`. `makes` and `finds` are the variables that the
    answer fills, from `Location` or from the first record of a list."""

    title: str
    method: str
    path: str
    expected: tuple[int, ...]
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    needs: str = ""
    makes: str = ""
    finds: str = ""


NEW_NAME = "newName"
"""The variable for a name that no record has yet."""


def of(one: Described) -> list[Sample]:
    endpoint, name = one.endpoint, one.endpoint.name
    kind = name.replace("-", "_")
    its_own, first = f"{kind}_new", f"{kind}_first"
    found: list[Sample] = []
    if "GET" in endpoint.methods:
        found += [
            Sample(f"A list of {name}", "GET", f"/{name}", (200,), {"limit": "5"}, finds=first),
            Sample("One record", "GET", f"/{name}/{{{{{first}}}}}", (200,), needs=first),
        ]
    if "POST" in endpoint.methods:
        body = examples.named_anew(endpoint.mapping, one.sent, f"{{{{{NEW_NAME}}}}}")
        if one.rehearses:
            found.append(
                Sample(
                    "What creating one would do in Odoo",
                    "POST",
                    f"/{name}",
                    (200,),
                    {"dry_run": "true"},
                    body,
                )
            )
        found.append(Sample("A new record", "POST", f"/{name}", (201, 202), body=body, makes=its_own))
    insisting = {"If-Match": "*"} if endpoint.require_if_match else {}
    its_path = f"/{name}/{{{{{its_own}}}}}"
    if "POST" in endpoint.methods and "GET" in endpoint.methods:
        found.append(Sample("The new record", "GET", its_path, (200,), needs=its_own))
    if "PUT" in endpoint.methods and one.changed:
        found.append(
            Sample("Change it", "PUT", its_path, (200,), body=one.changed, headers=insisting, needs=its_own)
        )
    if "DELETE" in endpoint.methods:
        found.append(Sample("Delete it", "DELETE", its_path, (200,), headers=insisting, needs=its_own))
    return found
