"""`manage.py torture`: the hub's promise, kept while everything is killed."""

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from launcher.output import Problem
from synchub.torture.run import torture


class Command(BaseCommand):
    help = (
        "Start a hub, a PostgreSQL, a Redis and a practice Odoo of their own, write to it, kill them at random, and tell what "
        "was lost, doubled, or otherwise than accepted. Nothing of the hub that runs here is touched. Needs the PostgreSQL and "
        "Redis of requirements/embedded.txt, which ./hub installs where DATABASE_URL and REDIS_URL are not set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--writes", type=int, default=1000, help="requests that write (1000)")
        parser.add_argument("--kills", type=int, default=20, help="spread over them (20)")
        parser.add_argument("--seed", type=int, default=1, help="the same one does the same (1)")

    def handle(self, *_: Any, **options: Any) -> None:
        # Told to stop, it takes along what it has started.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        try:
            report = torture(options["writes"], options["kills"], options["seed"], self.stderr.write)
        except Problem as error:
            raise CommandError(str(error)) from None
        self.stdout.write(report.text())
        if not report.findings.clean:
            raise CommandError("The promise was not kept; see above.")
