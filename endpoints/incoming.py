"""What a consumer sent, read and checked the same way whether a mirror or a live Odoo takes it."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError

from endpoints.models import OnDelete, SyncState
from endpoints.models.record import EXTERNAL_ID_ONCE
from endpoints.registry import EndpointSpec
from mappings.convert import external_id
from mappings.fieldtypes import whole
from mappings.line_error import LineError
from mappings.payload import Written, read_payload, sent_identifier
from mappings.relations import plain_values
from mappings.spec import MappingSpec
from synchub.audit.log import Note, take
from synchub.errors import HubError
from synchub.odoo.wire import unsendable_text

EXTERNAL_ID_LENGTH = 255


class RecordMissing(HubError):
    """No record of that identifier."""

    def __init__(self, name: str) -> None:
        shown = name if len(name) <= 80 else f"{name[:80]}…"
        # What neither Odoo nor PostgreSQL could hold is shown escaped.
        shown = shown.encode("unicode_escape").decode() if unsendable_text(shown) else shown
        super().__init__(f"There is no record “{shown}”.")


class NotAllowed(HubError):
    """The access key does not allow this; the text says what."""


class NotPossible(HubError):
    """The endpoint's configuration does not allow this; the text says what would have to change."""


@dataclass(frozen=True)
class Who:
    """On whose behalf something is written: for the audit log."""

    request_id: str
    access_key: str
    key_id: int | None = None
    once: "Once | None" = None
    """The request may come twice; see `endpoints.once`."""
    note: Note | None = None
    """For the audit log."""

    def accepted(self) -> None:
        """To be called in the transaction that accepts the write, unless the note went along with a statement of it."""
        if self.note is not None:
            take(self.note)


@dataclass(frozen=True)
class Once:
    """A request under an idempotency key. `fingerprint` is of what it asks for."""

    endpoint_id: int
    access_key: int | None
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Stored:
    """A record as an answer needs it. `document` is JSON text; `handle` is None where nothing is kept."""

    handle: uuid.UUID | None
    external_id: str | None
    document: str
    state: str
    version: int
    is_new: bool = False
    """The request has made it."""
    change: int | None = None
    """What the request has queued for a record that was there; None where there was nothing to write."""
    view: str = ""
    """Which keys of it are shown, where these are not all; see `endpoints.access`."""

    @property
    def tag(self) -> str:
        """Another one whenever the document is another one, and for another record of the same name."""
        if self.handle is None:
            return hashlib.blake2b(self.document.encode(), digest_size=12).hexdigest()
        return f"{self.handle.hex[:12]}-{self.version}{self.view}"


def worst(states: Iterable[str]) -> str:
    """Of several records: the state that most wants somebody to look."""
    order = [SyncState.FAILED, SyncState.CONFLICT, SyncState.PENDING, SyncState.SYNCED]
    there = set(states)
    return next(state.value for state in order if state in there)


@dataclass(frozen=True)
class New:
    """A new record as it was sent. `values` are the plain ones, `written` has relations as structures."""

    external_id: str | None
    values: dict[str, Any]
    written: Written


def read_new(spec: MappingSpec, payloads: Sequence[Mapping[str, Any]]) -> list[New]:
    """Raises LineError, with `index` where several were sent."""
    places: dict[str, int] = {}
    result: list[New] = []
    for index, payload in enumerate(payloads):
        try:
            one = _new(spec, payload)
            if one.external_id is not None and places.setdefault(one.external_id, index) != index:
                raise duplicate(spec, one.external_id, "is sent twice")
        except LineError as error:
            error.index = index if len(payloads) != 1 else None
            raise
        result.append(one)
    return result


def _new(spec: MappingSpec, payload: Mapping[str, Any]) -> New:
    written = read_payload(spec, payload, creating=True)
    values = plain_values(written.values)
    name = external_id(spec, values)
    if name is None and spec.identifier.to_odoo:
        key = spec.identifier.key
        raise LineError(
            f"“{key}” is required: it names the record.", code="REQUIRED", key=key, line=spec.identifier
        )
    check_length(spec, name)
    return New(name, values, written)


def is_taken(error: IntegrityError) -> bool:
    """Whether it is the identifier that another record has. Whatever else collides is trouble of the database's: told as a
    taken identifier, it would say that the record was accepted before."""
    told = getattr(error.__cause__, "diag", None)
    return getattr(told, "constraint_name", None) == EXTERNAL_ID_ONCE


def taken(spec: MappingSpec, new: Sequence[New], name: str, what: str = "exists already") -> LineError:
    """The refusal of a new record whose identifier is another's."""
    error = duplicate(spec, name, what)
    if len(new) != 1:
        error.index = next((index for index, one in enumerate(new) if one.external_id == name), None)
    return error


def duplicate(spec: MappingSpec, name: str, what: str) -> LineError:
    key = spec.identifier.key
    return LineError(f"“{key}”: “{name}” {what}.", code="DUPLICATE", key=key, line=spec.identifier)


def check_identifier(spec: MappingSpec, name: str | None, payload: Mapping[str, Any]) -> None:
    """An identifier that Odoo gives may be repeated in a change, but not changed."""
    if spec.identifier.to_odoo:
        return
    sent = sent_identifier(spec, payload)
    if sent is not None and str(whole(sent)) != name:
        key = spec.identifier.key
        raise LineError(
            f"“{key}” names the record and cannot be changed.", code="READONLY", key=key, line=spec.identifier
        )


def without_same_name(
    spec: MappingSpec, name: str | None, payload: Mapping[str, Any], written: Written
) -> Written:
    """A change without its identifier where that was sent as it is shown, and tidied it would be another one: who sends
    back what was read does not rename the record."""
    field = spec.identifier.field.name
    same = name is not None and sent_identifier(spec, payload) == name
    if not same or field not in written.values or external_id(spec, written.values) == name:
        return written
    return replace(written, values={one: value for one, value in written.values.items() if one != field})


def check_length(spec: MappingSpec, name: str | None) -> None:
    if name is not None and len(name) > EXTERNAL_ID_LENGTH:
        raise LineError(
            f"“{spec.identifier.key}” has {len(name)} characters; a name has {EXTERNAL_ID_LENGTH} at most.",
            code="TYPE",
            key=spec.identifier.key,
            line=spec.identifier,
        )


def handle_in(name: str) -> uuid.UUID | None:
    """The handle that an address names; None where it can only be an identifier, which may begin with ~ as well."""
    try:
        return uuid.UUID(name[1:]) if name.startswith("~") else None
    except ValueError:
        return None


def check_can_delete(endpoint: EndpointSpec) -> None:
    if endpoint.on_delete == OnDelete.ARCHIVE and not endpoint.mapping.can_archive:
        raise NotPossible(
            f"{endpoint.mapping.model} cannot be archived in Odoo. Set “on delete” of endpoint “{endpoint.name}” "
            "to delete or leave."
        )
