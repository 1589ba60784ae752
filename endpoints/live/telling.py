"""Endpoints that keep copies of what is written here read it now: what a consumer has written through a live endpoint is no edit of
somebody's that they hear of with the next pull."""

import logging
from collections.abc import Collection

from django.db import Error, transaction

from endpoints import touched, wakeup
from endpoints.registry import EndpointSpec

logger = logging.getLogger(__name__)


def tell_mirrors(endpoint: EndpointSpec, odoo_ids: Collection[int]) -> None:
    """Never raises: Odoo has it, and the next pull brings the same."""
    try:
        with transaction.atomic():
            for one in touched.note(endpoint.connection_id, endpoint.mapping.model, odoo_ids):
                wakeup.once_committed(wakeup.touched, one)
    except Error as error:
        logger.info("Copies of what “%s” has written are read with the next pull: %s", endpoint.name, error)
