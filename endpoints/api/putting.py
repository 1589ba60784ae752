"""PUT: it changes a record, or makes one where the endpoint allows that."""

from collections.abc import Mapping
from typing import Any

from endpoints import addressed
from endpoints.api.sources import Source
from endpoints.expected import Expected
from endpoints.incoming import RecordMissing, Stored, Who, read_new
from endpoints.models import Mode
from endpoints.registry import EndpointSpec
from endpoints.upsert import TRIES
from mappings.fieldtypes import WrongValue
from mappings.line_error import LineError
from mappings.payload import sent_identifier
from mappings.spec import MappingSpec


def put(
    source: Source,
    endpoint: EndpointSpec,
    name: str,
    payload: Mapping[str, Any],
    who: Who,
    expected: Expected,
) -> Stored:
    """The record; `is_new` if it was made. Raises what the source raises."""
    taken: LineError | None = None
    for _ in range(TRIES):  # somebody else may make the record at the same moment, or delete it again
        try:
            return source.update(endpoint, name, payload, who, expected)
        except RecordMissing:
            if not endpoint.put_creates or is_handle(endpoint, name):
                raise
        expected.check_missing()
        whole = named(endpoint.mapping, name, payload)
        try:
            return source.create(endpoint, [whole], who)[0]
        except LineError as error:
            if error.code != "DUPLICATE":
                raise
            taken = error
    # It is there, but out of reach; or others make and delete it all the time.
    assert taken is not None  # noqa: S101  # or it would have been made
    raise taken


def is_handle(endpoint: EndpointSpec, name: str) -> bool:
    """Does the address mean the record of a handle? That is deleted, and its handle no name for a new one."""
    return endpoint.mode == Mode.MIRROR and addressed.handle_of(endpoint, name) is not None


def named(spec: MappingSpec, name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with the identifier that the address names. Raises RecordMissing where no record could be called so;
    LineError."""
    line, bare = spec.identifier, name.removesuffix("/")
    if not line.to_odoo:  # Odoo gives the names
        raise RecordMissing(name)
    whole = dict(payload)
    if sent_identifier(spec, payload) is None:
        try:
            value = line.present(spec.named(bare))
        except WrongValue:
            raise RecordMissing(name) from None
        place = whole
        for part in line.path[:-1]:
            inner = place.get(part)
            place[part] = place = dict(inner) if isinstance(inner, Mapping) else {}
        place[line.path[-1]] = value
    if read_new(spec, [whole])[0].external_id not in (name, bare):
        raise LineError(
            f"“{line.key}” names another record than the address.", code="READONLY", key=line.key, line=line
        )
    return whole
