"""`GET /<endpoint>/changes?since=<token>`: what was created, changed and deleted, in order, to go on from anywhere."""

import orjson
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, QueryDict

from endpoints import feed
from endpoints.access import Access, rows
from endpoints.api import filters, paging, rendering
from endpoints.api.database import rows_of
from endpoints.api.errors import ApiError

NOW = "now"
_signer = Signer(salt="endpoints.changes")


def answer(request: HttpRequest, access: Access, query: QueryDict) -> HttpResponse:
    """With the records and the keys that the access reaches."""
    endpoint = access.seen
    filters.check_keys(query, ("since", "limit", "fields"))
    limit, lines = paging.Page.of(query, endpoint).limit, paging.selected(endpoint.mapping, query)
    lines = access.lines if lines is None else lines
    standing = feed.standing(endpoint.id)
    position = _read(access, query.get("since", ""), standing)
    found = (
        feed.changes(endpoint.id, position, standing)
        .filter(rows(access.whole))
        .values_list(
            "changed_in", "id", "created_in", "handle", "external_id", "document", "deleted_at", "updated_at"
        )
    )
    read = rows_of(found[: limit + 1])
    more, read, texts = len(read) > limit, read[:limit], []
    for changed_in, _, created_in, handle, name, document, deleted_at, updated_at in read:
        what = feed.what(
            position, created_in=created_in, changed_in=changed_in, deleted=deleted_at is not None
        )
        told = {"change": what, "id": name, "handle": f"~{handle}", "at": rendering.moment(updated_at)}
        texts.append(f'{orjson.dumps(told).decode()[:-1]},"record":{paging.cut(document, lines)}}}')
    last = (read[-1][0], read[-1][1]) if read else None
    end = (
        feed.Position(last[0], last[1], position.since)
        if more and last is not None
        else standing.end(position, last)
    )
    token = _signer.sign_object([endpoint.id, end.at, end.id, end.since, access.reach])
    following = paging.address(request, since=token)
    return rendering.listed({"more": more, "next": following, "since": token}, texts)


def _read(access: Access, text: str, standing: feed.Standing) -> feed.Position:
    """Raises ApiError 400, Gone."""
    if text in ("", NOW):
        return standing.now if text else standing.beginning
    try:
        endpoint_id, at, record_id, since, *reach = _signer.unsign_object(text)
        position = feed.Position(at, record_id, since)
    except (BadSignature, ValueError, TypeError):
        endpoint_id = 0
    if endpoint_id != access.seen.id:
        raise ApiError(
            400, "“since” is no token of this endpoint's changes: take it from “next”, or leave it out."
        )
    if reach not in ([], [access.reach]):  # older tokens do not say
        raise feed.OtherReach
    standing.check(position)
    return position
