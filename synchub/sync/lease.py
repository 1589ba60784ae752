"""A worker's hold on what it has claimed: short, and renewed for as long as the worker lives.

A worker that is killed stops renewing, so that another one takes over within seconds, while a call to Odoo may
take minutes. One that was stopped for longer than its lease (SIGSTOP, a sleeping machine) notices before its next
call, and makes none.
"""

import logging
import threading
import time
import uuid

from django.conf import settings
from django.db import Error, connection

from endpoints import outbox

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Somebody else may own these changes by now: nothing more may be sent for them."""


class Lease:
    """Held from the claim to the settle; the settle itself comes after its end.

    The thread has a database connection of its own, made only where a batch outlives the first renewal.
    """

    def __init__(self, token: uuid.UUID) -> None:
        self._token = token
        self._renewed = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            # No renewal may be under way while the changes are settled.
            self._thread.join()

    def check(self) -> None:
        """To be called right before each call that changes Odoo. Raises LeaseLost.

        By this machine's clock of elapsed time, counted from before the last renewal was asked for: never
        later than the database's own.
        """
        if time.monotonic() - self._renewed >= settings.LEASE:
            raise LeaseLost

    def _keep(self) -> None:
        try:
            while not self._over.wait(settings.LEASE / 3):
                asked = time.monotonic()
                try:
                    if not outbox.renew(self._token):
                        return  # settled, or lost: `check` tells
                    self._renewed = asked
                except Error as error:
                    logger.warning("A lease could not be renewed (%s); it is tried again.", error)
                    connection.close()
        finally:
            connection.close()
