"""`manage.py hub_bench [sync|api|scripts]`: the hub beside the raw limits, in one run. `size` and `scale`: see docs/scaling.md."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from synchub.bench import api, scripts, size, sizing, sync, table
from synchub.bench.assumed import Assumed


class Command(BaseCommand):
    help = (
        "Measure the hub beside what Odoo and a bare web server can do. Uses the Odoo that ODOO_TEST_URL, "
        "ODOO_TEST_DB, ODOO_TEST_LOGIN and ODOO_TEST_PASSWORD name, else a practice one, and cleans up after itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what", nargs="?", choices=["sync", "api", "scripts", "size", "scale", "all"], default="all"
        )
        parser.add_argument(
            "--records",
            type=int,
            help="sync: written in each round (1000); api: in the mirror (100000); scripts: in a page (1000); "
            "size: in the large mirror (300000); scale: of each connection (1000000)",
        )
        parser.add_argument("--rounds", type=int, default=3, help="the ways take turns so often")
        parser.add_argument(
            "--connections", type=int, help="sync: processes that work at once (1); scale: Odoos (100)"
        )
        parser.add_argument(
            "--workers",
            type=int,
            nargs="+",
            default=[],
            metavar="N",
            help="scale: processes for each queue; several are tried one after the other (until it is enough)",
        )
        parser.add_argument(
            "--assume",
            nargs="+",
            default=[],
            metavar="NAME=VALUE",
            help=f"scale: {', '.join(sizing.names())}",
        )
        parser.add_argument("--seconds", type=float, default=2.0, help="api: for each way and round")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["what"] == "scale":
            self._scale(options)
            return
        groups: list[table.Group] = []
        if options["what"] in ("sync", "all"):
            groups += sync.run(
                options["records"] or 1000, options["rounds"], options["connections"] or 1, self._say
            )
        if options["what"] in ("api", "all"):
            groups += api.run(options["records"] or 100_000, options["rounds"], options["seconds"], self._say)
        if options["what"] in ("scripts", "all"):
            groups += scripts.run(options["records"] or 1000, options["rounds"], self._say)
        if options["what"] == "size":
            groups += size.run(options["records"] or 300_000, options["rounds"], self._say)
        if options["json"]:
            self.stdout.write(json.dumps(table.as_json(groups), indent=1))
        else:
            self.stdout.write(table.text(groups))

    def _scale(self, options: dict[str, Any]) -> None:
        given = {name: options[name] for name in ("connections", "records") if options[name]}
        try:
            assumed = sizing.assumed(options["assume"], Assumed(**given))
        except ValueError as error:
            raise CommandError(str(error)) from None
        for line in sizing.report(assumed, options["workers"]):
            self.stdout.write(line)
            self.stdout.flush()

    def _say(self, text: str) -> None:
        # Progress, apart from the result that may be piped on.
        self.stderr.write(text)
