"""`manage.py hub_preview ENDPOINT`: what its mapping does to a record, or what a JSON would do in Odoo."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from endpoints import preview, registry
from synchub.errors import HubError


class Command(BaseCommand):
    help = "Show what an endpoint's mapping does to one record, or what sending a JSON would do in Odoo. Writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("endpoint")
        parser.add_argument("--id", type=int, help="Odoo's id of the record to show; else the newest one")
        parser.add_argument(
            "--json", metavar="FILE", help="a JSON object as a consumer would send it; - for stdin"
        )
        parser.add_argument("--name", help="with --json: the record that it changes; else it is a new one")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            endpoint = registry.get(options["endpoint"])
            if options["json"]:
                sent = preview.to_odoo(endpoint, _read(options["json"]), options["name"])
                self._write(preview.as_json(sent))
                return
            shown = preview.from_odoo(endpoint, options["id"])
        except HubError as error:
            raise CommandError(str(error)) from error
        if shown is None:
            raise CommandError("Odoo has no such record.")
        self._write({"odoo": shown.raw, "document": shown.document})

    def _write(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False))


def _read(file: str) -> dict[str, Any]:
    try:
        value = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(value, dict):
        raise CommandError(f"{file} holds no JSON object.")
    return value
