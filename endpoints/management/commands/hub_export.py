"""`manage.py hub_export`: write the configuration as a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from endpoints.configfile import current
from endpoints.configfile.export import export
from synchub.errors import ConfigurationError


class Command(BaseCommand):
    help = "Writes connections, mappings and endpoints as a configuration file; secrets as references."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", metavar="FILE", help="write to this file instead of the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            text = export(current.load())
        except ConfigurationError as error:  # a stored secret cannot be decrypted
            raise CommandError(str(error)) from None
        if not options["output"]:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["output"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror or error}.") from None
