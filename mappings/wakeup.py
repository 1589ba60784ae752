"""Wakes a worker for what a person wants of a connection. A lost message costs nothing more than waiting for the night."""

import logging

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

READ_TASK = "synchub.sync.tasks.refresh_schemas"
_MOST_OF_A_DAY = 20 * 3600


def read_fields(connection_id: int, *, at_night: bool = False) -> bool:
    """Asks for Odoo's models and fields to be read again. False: no worker can be told now.

    At night this is asked for every connection. It takes long, and an Odoo may hang, so other work that is due begins meanwhile.
    It may wait for hours behind first pulls, but no longer than a day: the next night asks again.
    """
    queue, seconds = ("pull", _MOST_OF_A_DAY) if at_night else ("housekeeping", 600)
    expires = seconds + int(settings.CLOCKS_APART)
    try:
        current_app.send_task(READ_TASK, args=[connection_id], queue=queue, retry=False, expires=expires)
    except (OperationalError, OSError) as error:
        logger.warning("No worker could be woken to read the fields: %s", error)
        return False
    return True
