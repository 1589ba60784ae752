"""`manage.py hub_apply FILE`: make the database match a configuration file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from endpoints.configfile.apply import Outcome, apply
from mappings.models import Connection
from synchub.errors import ConfigurationError, HubError


class Command(BaseCommand):
    help = "Makes connections, mappings and endpoints match a configuration file, all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where a connection exists already"
        )
        parser.add_argument(
            "--discard-waiting",
            action="store_true",
            help="remove endpoints even where changes still wait for Odoo; these changes are lost",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        name = str(options["file"])
        if options["if_empty"] and Connection.objects.exists():
            self.stdout.write("A connection exists already; the file was not looked at.")
            return
        text = _text(name)
        try:
            outcome = apply(
                text, name, dry_run=options["dry_run"], discard_waiting=options["discard_waiting"]
            )
        except HubError as error:
            kind = "" if isinstance(error, ConfigurationError) else "nothing was changed:\n"
            raise CommandError(f"{kind}{error}") from None
        self._tell(outcome, dry_run=options["dry_run"])

    def _tell(self, outcome: Outcome, *, dry_run: bool) -> None:
        for text in outcome.warnings:
            self.stderr.write(f"warning: {text}")
        for text in outcome.notes:
            self.stdout.write(f"note: {text}")
        for step in outcome.steps:
            for line in step.lines():
                self.stdout.write(line)
        for name in outcome.records_dropped:
            self.stdout.write(f"Records of {name} came from elsewhere: the hub's copies are dropped.")
        if outcome.read_anew:
            self.stdout.write(f"Read anew from Odoo: {', '.join(outcome.read_anew)}.")
        if not outcome.steps:
            self.stdout.write("Nothing to change.")
        elif dry_run:
            self.stdout.write("Dry run: nothing was changed.")


def _text(name: str) -> str:
    try:
        return Path(name).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CommandError(f"{name}:{line}: the file is not UTF-8.") from None
