"""What does not go well once Odoo has taken a write is no refusal of that write: nobody is to send it again for it."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from endpoints.incoming import NotAllowed
from endpoints.live.fitting import read_anew
from endpoints.registry import EndpointSpec
from mappings import domains
from mappings.line_error import LineError
from synchub.errors import (
    OdooError,
    OdooMisconfigured,
    OdooPermanent,
    OdooRecordGone,
    OdooRetryable,
    OdooUnknownOutcome,
    UnfitValue,
)
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)

_REST = "The rest of what was sent is in Odoo already: send what is missing as a change."


@contextmanager
def done_already(endpoint: EndpointSpec, client: OdooClient) -> Iterator[None]:
    """Around what is read of a record once Odoo has taken a write of it. Raises NotAllowed, OdooUnknownOutcome; OdooRecordGone
    as ever."""
    try:
        with _what_may_pass():
            yield
    except OdooRecordGone:
        raise
    except OdooPermanent as error:
        logger.warning("Odoo has taken a write, and does not tell what it made of it: %s", error.message)
        raise NotAllowed(
            "Odoo has taken what was sent, and does not show the hub's user what it made of it: an access rule hides that, for "
            "one. Do not send it again; the hub's administrator finds the reason by the id of this request."
        ) from None
    except UnfitValue as error:
        logger.warning("Odoo has taken a write, and what it made of it cannot be shown: %s", error)
        with suppress(OdooError):  # whoever asks next meets it again
            read_anew(endpoint, client)
        raise NotAllowed(
            "Odoo has taken what was sent. What it made of it cannot be shown just now, since a field has changed in Odoo. Do not send it "
            "again: read it instead."
        ) from None


def check_still_reached(endpoint: EndpointSpec, odoo_ids: Collection[int], client: OdooClient) -> None:
    """Raises NotAllowed where Odoo has made of a write what lies beyond the rows of the access key: a contact that gets a parent
    takes over its address."""
    if not are_reached(endpoint, odoo_ids, client):
        raise NotAllowed(
            "Odoo has taken what was sent, and what it made of it is outside of what this access key reaches. Do not send it again."
        )


def are_reached(endpoint: EndpointSpec, odoo_ids: Collection[int], client: OdooClient) -> bool:
    """Raises OdooError."""
    if not endpoint.moving_rows:
        return True
    rows = domains.expand(endpoint.moving_rows, datetime.now(UTC), endpoint.time_zone)
    asked = domains.both(rows, [("id", "in", list(odoo_ids))])
    found = client.search(endpoint.mapping.model, asked, order="id", context={"active_test": False})
    return set(odoo_ids) <= set(found)


@contextmanager
def rest_is_done() -> Iterator[None]:
    """Around what follows once Odoo has taken a write of a record: its texts in other languages, scripts with effects. A refusal of
    these is none of the rest. Raises LineError, OdooPermanent, OdooUnknownOutcome."""
    try:
        with _what_may_pass():
            yield
    except LineError as error:
        text = f"{error.text} {_REST}"
        raise LineError(text, code=error.code, key=error.key, line=error.line, index=error.index) from None
    except OdooRecordGone:
        raise
    except OdooPermanent as error:
        raise OdooPermanent(f"{error.message} {_REST}", code=error.code) from error


@contextmanager
def _what_may_pass() -> Iterator[None]:
    """“Try again” would be wrong: what is not known is how much of it Odoo has."""
    try:
        yield
    except (OdooRetryable, OdooMisconfigured) as error:
        raise OdooUnknownOutcome(error.message, code=error.code) from error
