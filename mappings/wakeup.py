"""Waking a worker for what a person wants of a connection. A hint: what is lost is done at night."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

READ_TASK = "synchub.sync.tasks.refresh_schemas"


def read_fields(connection_id: int) -> bool:
    """Have Odoo's models and fields read anew. False: no worker can be told now."""
    try:
        current_app.send_task(READ_TASK, args=[connection_id], queue="housekeeping", retry=False, expires=600)
    except (OperationalError, OSError) as error:
        logger.warning("No worker could be woken to read the fields: %s", error)
        return False
    return True
