"""Waking a worker for what a person wants of a connection. A hint: what is lost is done at night."""

import logging

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

READ_TASK = "synchub.sync.tasks.refresh_schemas"
_MOST_OF_A_DAY = 20 * 3600


def read_fields(connection_id: int, *, at_night: bool = False) -> bool:
    """Have Odoo's models and fields read anew. False: no worker can be told now.

    At night that is done of all connections, which takes long, and an Odoo may hang: what is due elsewhere is begun meanwhile. It is
    done behind first pulls, which may hold the workers for hours; by the next night it is asked for anew.
    """
    queue, seconds = ("pull", _MOST_OF_A_DAY) if at_night else ("housekeeping", 600)
    expires = seconds + int(settings.CLOCKS_APART)
    try:
        current_app.send_task(READ_TASK, args=[connection_id], queue=queue, retry=False, expires=expires)
    except (OperationalError, OSError) as error:
        logger.warning("No worker could be woken to read the fields: %s", error)
        return False
    return True
