"""`manage.py hub_bench [sync|api|scripts]`: the hub beside the raw limits, in one run."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from synchub.bench import api, scripts, sync, table


class Command(BaseCommand):
    help = (
        "Measure the hub beside what Odoo and a bare web server can do. Uses the Odoo that ODOO_TEST_URL, "
        "ODOO_TEST_DB, ODOO_TEST_LOGIN and ODOO_TEST_PASSWORD name, else a practice one, and cleans up after itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="?", choices=["sync", "api", "scripts", "all"], default="all")
        parser.add_argument(
            "--records",
            type=int,
            help="sync: written in each round (1000); api: in the mirror (100000); scripts: in a page (1000)",
        )
        parser.add_argument("--rounds", type=int, default=3, help="the ways take turns so often")
        parser.add_argument("--connections", type=int, default=1, help="sync: processes that work at once")
        parser.add_argument("--seconds", type=float, default=2.0, help="api: for each way and round")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *_: Any, **options: Any) -> None:
        groups: list[table.Group] = []
        if options["what"] in ("sync", "all"):
            groups += sync.run(
                options["records"] or 1000, options["rounds"], options["connections"], self._say
            )
        if options["what"] in ("api", "all"):
            groups += api.run(options["records"] or 100_000, options["rounds"], options["seconds"], self._say)
        if options["what"] in ("scripts", "all"):
            groups += scripts.run(options["records"] or 1000, options["rounds"], self._say)
        if options["json"]:
            self.stdout.write(json.dumps(table.as_json(groups), indent=1))
        else:
            self.stdout.write(table.text(groups))

    def _say(self, text: str) -> None:
        # Progress, apart from the result that may be piped on.
        self.stderr.write(text)
