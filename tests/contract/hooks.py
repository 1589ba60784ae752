"""What schemathesis checks here besides its own checks; it loads this module by SCHEMATHESIS_HOOKS.

Some of its checks take a description for the whole truth: what fits has to be taken, what does not has to be refused.
They are asked all the same, but for what no description can say.
"""

import json
import re
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

REPLACED = (
    "positive_data_acceptance",
    "negative_data_rejection",
    "allow_header_conformance",
    "unsupported_method",
)

_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TAG = re.compile(r'\*|(W/)?"[!#-~]*"')

# Depends on the records that there are, in the hub or in Odoo, not on the request's shape.
_OF_RECORDS = {"RELATION_NOT_FOUND", "RELATION_AMBIGUOUS", "DUPLICATE", "ODOO"}


@schemathesis.check
def takes_what_it_describes(ctx: Any, response: Any, case: Any) -> bool | None:
    if response.status_code in (412, 422):  # another tag than the record's; a key that another request had
        return None
    if response.status_code == 400 and _may_be_refused(json.loads(response.content), case):
        return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.check
def refuses_what_it_does_not_describe(ctx: Any, response: Any, case: Any) -> bool | None:
    # A dry run's answer is what would be wrong; and an empty filter asks for records without a value. A list that is too long
    # is refused with 413, which schemathesis does not take for a refusal.
    if _is_dry_run(case) or _has_empty_filter(case) or response.status_code in (412, 413):
        return None
    return negative_data_rejection(ctx, response, case)


@schemathesis.check
def methods_are_those_described(ctx: Any, response: Any, case: Any) -> bool | None:
    path = case.operation.path
    if path.endswith(("/changes", "/sync-state")) or "/actions/" in path:
        return (
            None  # the address of a record that is called so as well, which may be changed and deleted there
        )
    allow_header_conformance(ctx, response, case)
    return unsupported_method(ctx, response, case)


@schemathesis.check
def errors_have_one_of_two_shapes(ctx: Any, response: Any, case: Any) -> None:
    if response.status_code < 400 or case.method == "HEAD":
        return
    try:
        body = json.loads(response.content)
    except ValueError:
        raise AssertionError(f"{response.status_code} {response.content[:300]!r}") from None
    assert body["request_id"] == response.headers["x-request-id"][0]
    assert set(body) in (
        {"message", "request_id"},
        {"error", "line_id", "status_code", "key", "request_id"},
        {"error", "line_id", "status_code", "key", "index", "request_id"},
    ), body


@schemathesis.hook
def map_body(ctx: Any, body: Any) -> Any:
    """Without the characters that Odoo cannot take: nearly every text has one of them otherwise, and nothing is tested but
    that refusal, which `tests/endpoints/test_bodies.py` does."""
    if isinstance(body, str):
        return _UNSENDABLE.sub("x", body)
    if isinstance(body, list):
        return [map_body(ctx, one) for one in body]
    if isinstance(body, dict):
        return {key: map_body(ctx, one) for key, one in body.items()}
    return body


@schemathesis.hook
def map_headers(ctx: Any, headers: Any) -> Any:
    """With conditions that are some: what is none is for `tests/endpoints/test_preconditions.py`."""
    found = dict(headers or {})
    for name, instead in (("If-Match", "*"), ("If-None-Match", '"x"')):
        if isinstance(found.get(name), str) and not _TAG.fullmatch(found[name]):
            found[name] = instead
    return found if headers is not None else headers


def _may_be_refused(body: dict[str, Any], case: Any) -> bool:
    text = str(body.get("error") or body.get("message"))
    return bool(
        body.get("status_code") in _OF_RECORDS
        or (body.get("status_code") == "REQUIRED" and "[" in body["key"])  # only where the child is new
        or "holds the character U+"
        in text  # said in words in the description: a pattern at each text would hide the rest
        or (_is_dry_run(case) and isinstance(case.body, list))
        or ("a date and time like" in text and re.search("“(0001|9999)-", text))  # no such moment in UTC
        or "“since”" in text
        or "“cursor”" in text  # good only where it came from
        or "a walk goes by Odoo's ids" in text  # not with an ordering
        or "is * or a list of tags" in text  # If-Match
        or "names the record and cannot be changed" in text
        or "“/” names no record" in text
    )


def _is_dry_run(case: Any) -> bool:
    return str((case.query or {}).get("dry_run")).lower() == "true"


def _has_empty_filter(case: Any) -> bool:
    empty = {
        one["name"]
        for one in case.operation.definition.raw.get("parameters", [])
        if one.get("allowEmptyValue")
    }
    return str((case.query or {}).get("ordering", "x")).strip("[]', ") == "" or any(
        value in ("", [], [""]) for key, value in (case.query or {}).items() if key in empty
    )
