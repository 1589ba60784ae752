"""What a record looks like on each side: connections, mappings, lines, and what Odoo says of its fields."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from mappings import names, schema_models  # noqa: F401  # Django looks for models here
from mappings.scripts import Example, Input, Mode, Script, check, run_examples
from synchub.crypto import EncryptedTextField
from synchub.odoo import OdooAccess


class Connection(models.Model):
    """One Odoo database."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    url = models.CharField("address", max_length=500, help_text="https://mycompany.odoo.com")
    url_env = models.CharField(
        "address from variable",
        max_length=100,
        blank=True,
        help_text="Name of an environment variable that holds the address; it wins over the address above.",
    )
    database = models.CharField(
        max_length=100, help_text="On Odoo Online this is the first part of the address."
    )
    login = models.CharField(max_length=200, help_text="The login of a user of its own for the hub is best.")
    secret = EncryptedTextField(
        "API key or password", blank=True, help_text="In Odoo: Preferences → Account Security → New API Key."
    )
    secret_env = models.CharField(
        "secret from variable",
        max_length=100,
        blank=True,
        help_text="Name of an environment variable that holds the secret; it wins over the one above.",
    )
    company_id = models.PositiveIntegerField(
        "company",
        null=True,
        blank=True,
        help_text="Odoo's id of the company to work in; empty: the user's own.",
    )
    language = models.CharField(max_length=16, blank=True, help_text="en_US; empty: the Odoo user's own.")
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Europe/Brussels; empty: the Odoo user's own."
    )
    concurrency = models.PositiveSmallIntegerField(
        "calls at once", default=4, validators=[MinValueValidator(1), MaxValueValidator(64)]
    )
    rate_per_second = models.FloatField(
        "calls per second",
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01)],
        help_text="Empty: no limit.",
    )
    read_timeout = models.FloatField(
        "seconds to wait for an answer",
        default=130.0,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_reason = models.TextField(blank=True, editable=False)
    last_ok_at = models.DateTimeField("last answer", null=True, blank=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="connection_name_valid",
                violation_error_message=names.NAME_HELP,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_url(self) -> str:
        return (os.environ.get(self.url_env) if self.url_env else None) or self.url

    @property
    def effective_secret(self) -> str:
        return (os.environ.get(self.secret_env) if self.secret_env else None) or self.secret

    def access(self) -> OdooAccess:
        return OdooAccess(
            url=self.effective_url,
            database=self.database,
            login=self.login,
            secret=self.effective_secret,
            company_ids=(self.company_id,) if self.company_id else (),
            language=self.language or None,
            time_zone=self.time_zone or None,
            read_timeout=self.read_timeout,
        )

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if not names.matches(names.NAME, self.name):
            errors["name"] = f"A name has {names.NAME_HELP}."
        problem = url_problem(self.effective_url)
        if problem:
            errors["url"] = problem
        if not self.secret and not self.secret_env:
            errors["secret"] = "Enter the API key or the password of this login."  # noqa: S105  # a message
        if self.time_zone and self.time_zone not in available_timezones():
            errors["time_zone"] = f"“{self.time_zone}” is no time zone; write one like Europe/Brussels."
        if errors:
            raise ValidationError(errors)


def url_problem(url: str) -> str | None:
    """Why this cannot be the address of an Odoo server, or None."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError as error:
        return f"This is not an address: {error}."
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        return "Write the address as https://mycompany.odoo.com or http://127.0.0.1:8069."
    if parts.username or parts.password:
        return "Leave login and password out of the address; they have fields of their own."
    if parts.query or parts.fragment:
        return "Leave out everything behind ? or #."
    return None


class OdooModel(models.Model):
    """The fields of one Odoo model as `fields_get` told them: the schema cache."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="odoo_models")
    model = models.CharField(max_length=128)
    fields = models.JSONField(help_text="field → its facts, as fields_get gives them")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["model"]
        constraints = [models.UniqueConstraint(fields=["connection", "model"], name="odoo_model_once")]
        verbose_name = "Odoo model"

    def __str__(self) -> str:
        return f"{self.model} on {self.connection}"


class Mapping(models.Model):
    """How one Odoo model looks from outside."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="mappings")
    model = models.CharField("Odoo model", max_length=128, help_text="res.partner")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="mapping_name_valid",
                violation_error_message=names.NAME_HELP,
            ),
            models.CheckConstraint(condition=Q(model__regex=names.ODOO_MODEL), name="mapping_model_valid"),
        ]

    def __str__(self) -> str:
        return self.name

    def models_involved(self) -> list[str]:
        """The Odoo models of this mapping and of all that its relations lead to."""
        found: dict[str, None] = {}
        waiting, seen = [self], set()
        while waiting:
            mapping = waiting.pop(0)
            if mapping.pk not in seen:
                seen.add(mapping.pk)
                found[mapping.model] = None
                waiting += [line.nested for line in mapping.lines.all() if line.nested is not None]
        return list(found)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if not names.matches(names.NAME, self.name):
            errors["name"] = f"A name has {names.NAME_HELP}."
        if not names.matches(names.ODOO_MODEL, self.model):
            errors["model"] = "An Odoo model's technical name looks like res.partner."
        if errors:
            raise ValidationError(errors)


class Direction(models.TextChoices):
    BOTH = "both", "both ways"
    TO_ODOO = "to_odoo", "to Odoo only"
    FROM_ODOO = "from_odoo", "from Odoo only"


class Kind(models.TextChoices):
    PLAIN = "plain", "plain value"
    RELATION = "relation", "other records, through their own mapping"
    SCRIPT = "script", "a script makes the value"


class ScriptMode(models.TextChoices):
    EVALUATE = "evaluate", "evaluate: it gives the field's value"
    EXECUTE = "execute", "execute: it has an effect when the change is pushed"


class OnMissing(models.TextChoices):
    """What to do where no record of Odoo has the identifier that was sent."""

    ERROR = "error", "refuse the write"
    CREATE = "create", "create it"
    EMPTY = "empty", "leave it out"


class OnSeveral(models.TextChoices):
    """What to do where more than one record has it."""

    ERROR = "error", "refuse the write"
    FIRST = "first", "take the oldest"


class OnUnknown(models.TextChoices):
    """What becomes of a value that is in no row of a table."""

    ERROR = "error", "refuse the write"
    PASS = "pass", "pass it on as it is"
    EMPTY = "empty", "make it empty"


class LookupTable(models.Model):
    """Values of another system and what they are called in Odoo."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    on_unknown = models.CharField(
        "values in no row",
        max_length=8,
        choices=OnUnknown,
        default=OnUnknown.ERROR,
        help_text="Odoo's own values cannot be refused: those in no row are shown as empty, or passed on.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="lookup_table_name_valid",
                violation_error_message=names.NAME_HELP,
            )
        ]

    # Rows of a table that is only drawn up, and not saved yet.
    drawn_up: Sequence[tuple[Any, Any]] | None = None

    def __str__(self) -> str:
        return self.name

    def pairs(self) -> Sequence[tuple[Any, Any]]:
        """(outside, in Odoo), in their order."""
        if self.drawn_up is not None:
            return self.drawn_up
        return [(row.external, row.odoo) for row in self.rows.all()]

    def clean(self) -> None:
        if not names.matches(names.NAME, self.name):
            raise ValidationError({"name": f"A name has {names.NAME_HELP}."})


class LookupRow(models.Model):
    """A pair of values, each a text, a number, true, false or null."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField(default=0)
    external: Any = models.JSONField(
        "outside", null=True, blank=True, help_text='As JSON: "open", 5, true. Empty: null.'
    )
    odoo: Any = models.JSONField(
        "in Odoo", null=True, blank=True, help_text='As JSON: "draft", 5, true. Empty: null.'
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "external", "odoo"],
                name="lookup_row_once",
                nulls_distinct=False,
                violation_error_message="Another row of this table says the same.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.external} ↔ {self.odoo}"

    def clean(self) -> None:
        for name in ("external", "odoo"):
            if isinstance(getattr(self, name), (list, dict)):
                raise ValidationError({name: "A text, a number, true, false or null is expected."})


class WriteWhen(models.TextChoices):
    """To which records of Odoo a line writes."""

    ALWAYS = "always", "always"
    ON_CREATE = "on_create", "when the record is created"
    IF_EMPTY = "if_empty", "while Odoo has no value"


class TextCase(models.TextChoices):
    AS_IS = "", "as it is"
    UPPER = "upper", "CAPITALS"
    LOWER = "lower", "small letters"
    TITLE = "title", "Each Word With A Capital"


class Line(models.Model):
    """One field of a mapping."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(default=0)
    key = models.CharField("external key", max_length=200, help_text=names.KEY_HELP)
    field = models.CharField("Odoo field", max_length=128, help_text="The technical name: country_id")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PLAIN)
    nested = models.ForeignKey(
        Mapping,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="used_by",
        verbose_name="mapping of the other records",
        help_text="How the records behind a relation look. One with nothing but its identifier shows plain values.",
    )
    on_missing = models.CharField(
        "if none is found", max_length=8, choices=OnMissing, default=OnMissing.ERROR
    )
    on_several = models.CharField(
        "if several are found", max_length=8, choices=OnSeveral, default=OnSeveral.ERROR
    )
    direction = models.CharField(max_length=16, choices=Direction, default=Direction.BOTH)
    required = models.BooleanField(default=False, help_text="A new record must bring this key.")
    default: Any = models.JSONField(
        null=True,
        blank=True,
        help_text='Used for a new record that lacks the key, as JSON: "contact", 5, true.',
    )
    constant: Any = models.JSONField(
        null=True,
        blank=True,
        help_text="This value, as JSON, is written to each record and cannot be sent from outside. "
        "From Odoo only: it is what is shown.",
    )
    write_when = models.CharField(
        "written", max_length=16, choices=WriteWhen, default=WriteWhen.ALWAYS, blank=True
    )
    table = models.ForeignKey(
        LookupTable,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name="lookup table",
        help_text="Which values of Odoo the values outside stand for.",
    )
    pattern = models.CharField(
        "date pattern", max_length=64, blank=True, help_text="%d/%m/%Y or %Y-%m-%d %H:%M; empty: ISO 8601."
    )
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Of a date and time outside: Europe/Brussels; empty: UTC."
    )
    decimal_sign = models.CharField(
        max_length=1, blank=True, help_text="“,” or “.”: the number is text outside, like 1234,56."
    )
    thousands_sign = models.CharField(max_length=1, blank=True, help_text="Of a number that is text outside.")
    decimals = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(9)],
        help_text="Round the number to so many decimals, both ways.",
    )
    trim = models.BooleanField(default=False, help_text="Drop space before and after the text.")
    case = models.CharField("letters", max_length=8, choices=TextCase, default=TextCase.AS_IS, blank=True)
    script = models.TextField(blank=True, help_text="Python, in a sandbox; the last line is the value.")
    script_mode = models.CharField(max_length=8, choices=ScriptMode, default=ScriptMode.EVALUATE)
    script_examples: Any = models.JSONField(
        default=list,
        blank=True,
        help_text='They have to pass before the script is saved: [{"request_data": {…}, "record": {…}, "expected": …}].',
    )
    identifier = models.BooleanField(
        default=False, help_text="Exactly one line: its value names a record in the address of the API."
    )

    class Meta:
        permissions = [("edit_scripts", "Can write scripts of lines")]
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mapping"],
                condition=Q(identifier=True),
                name="one_identifier_per_mapping",
                violation_error_message="A mapping has one identifier only.",
            ),
            models.UniqueConstraint(
                fields=["mapping", "key", "direction"],
                name="key_once_per_direction",
                violation_error_message="Another line of this mapping has the same key and direction.",
            ),
            models.CheckConstraint(
                condition=Q(key__regex=names.KEY),
                name="line_key_valid",
                violation_error_message=names.KEY_HELP,
            ),
            models.CheckConstraint(condition=Q(field__regex=names.ODOO_FIELD), name="line_field_valid"),
            models.CheckConstraint(
                condition=Q(kind="relation", nested__isnull=False) | (~Q(kind="relation") & Q(nested=None)),
                name="relation_has_mapping",
                violation_error_message="A relation needs a mapping of the other records, and nothing else has one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ↔ {self.field}"

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if not names.matches(names.KEY, self.key):
            errors["key"] = f"A key has {names.KEY_HELP}."
        elif self.key in names.RESERVED_KEYS:
            errors["key"] = f"“{self.key}” is a query parameter of every list; choose another key."
        if not names.matches(names.ODOO_FIELD, self.field):
            errors["field"] = "An Odoo field's technical name looks like country_id."
        if self.identifier and self.direction == Direction.TO_ODOO:
            errors["direction"] = (
                "The identifier must also come from Odoo, or its records could not be named."
            )
        if self.kind == Kind.RELATION and self.nested_id is None:
            errors["nested"] = "Choose the mapping that says how the other records look."
        elif self.kind != Kind.RELATION and self.nested_id is not None:
            errors["nested"] = "Only a relation looks into other records; set the kind to relation."
        if self.identifier and self.kind != Kind.PLAIN:
            errors["identifier"] = "Only a plain value can name a record."
        if self.kind != Kind.PLAIN:
            for name in PLAIN_ONLY:
                if getattr(self, name) not in (None, "", False):
                    errors[name] = "Only a plain value has this."
        if self.write_when not in ("", WriteWhen.ALWAYS):
            if self.direction == Direction.FROM_ODOO:
                errors["write_when"] = "A key that only comes from Odoo is never written."
            elif self.identifier:
                errors["write_when"] = "The identifier is always written."
        if self.constant is not None:
            if self.identifier:
                errors["constant"] = "The identifier cannot be the same for all records."
            elif self.required or self.default is not None:
                errors["constant"] = "A constant is not sent from outside: leave out required and default."
        errors |= format_problems(self)
        errors |= script_problems(self)
        if self.required and self.direction == Direction.FROM_ODOO:
            errors["required"] = "A key that only comes from Odoo cannot be required of a write."
        if self.default is not None and self.direction == Direction.FROM_ODOO:
            errors["default"] = "A key that only comes from Odoo has no default."
        if errors:
            raise ValidationError(errors)


PLAIN_ONLY = (
    "table",
    "pattern",
    "time_zone",
    "decimal_sign",
    "thousands_sign",
    "decimals",
    "trim",
    "case",
)


def script_problems(line: Line) -> dict[str, str]:
    """By field of the line, what is wrong with its script, and with what its examples come to."""
    if line.kind != Kind.SCRIPT:
        return {"script": "Only a line of the kind script has one."} if line.script else {}
    if not line.script.strip():
        return {"script": "Write the script; its last line is the value."}
    if line.script_mode == ScriptMode.EXECUTE and line.direction != Direction.TO_ODOO:
        return {
            "direction": "A script that executes runs when a change is pushed: set the direction to “to Odoo only”."
        }
    script = Script(line.script, Mode(line.script_mode))
    problems = [f"Line {one.line}: {one.message}" if one.line else one.message for one in check(script)]
    if problems:
        return {"script": "\n".join(problems)}
    try:
        examples = [
            Example(Input(one.get("record"), one.get("request_data")), one.get("expected"))
            for one in line.script_examples
        ]
    except (TypeError, AttributeError):
        return {"script_examples": 'Write a list: [{"request_data": {…}, "expected": …}].'}
    failed = [
        f"Example {number}: expected {one.expected!r}, "
        + (str(one.error) if one.error else f"got {one.got!r}")
        for number, one in enumerate(
            run_examples(script, examples, model=line.mapping.model if line.mapping_id else ""), start=1
        )
        if not one.passed
    ]
    return {"script_examples": "\n".join(failed)} if failed else {}


def format_problems(line: Line) -> dict[str, str]:
    """By field of the line, what can be told without knowing the Odoo field."""
    errors: dict[str, str] = {}
    if line.time_zone and line.time_zone not in available_timezones():
        errors["time_zone"] = f"“{line.time_zone}” is no time zone; write one like Europe/Brussels."
    if line.decimal_sign not in ("", ".", ","):
        errors["decimal_sign"] = "The sign before decimals is “.” or “,”."
    if line.thousands_sign not in (
        "",
        ".",
        ",",
        " ",
        "'",
        "\N{NO-BREAK SPACE}",
        "\N{RIGHT SINGLE QUOTATION MARK}",
    ):
        errors["thousands_sign"] = "The sign between thousands is “.”, “,”, “'” or a space."
    elif line.thousands_sign and not line.decimal_sign:
        errors["decimal_sign"] = "Say which sign stands before decimals."
    elif line.thousands_sign and line.thousands_sign == line.decimal_sign:
        errors["thousands_sign"] = "Thousands and decimals need different signs."
    return errors


class KnownIdentifier(models.Model):
    """An identifier that a record of Odoo was seen to have. Only a hint: Odoo is asked again when a write is pushed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    model = models.CharField(max_length=128)
    field = models.CharField(max_length=128)
    value = models.TextField(help_text="as JSON")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "model", "field", "value"], name="identifier_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} with {self.field} {self.value}"


class ConfigVersion(models.Model):
    """A single row whose number rises with every change of the configuration.

    Processes keep compiled endpoints in memory and look here, at most once a second, whether they are current.
    """

    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_config_version")]

    def __str__(self) -> str:
        return f"configuration {self.version}"

    @classmethod
    def current(cls) -> int:
        return cls.objects.filter(pk=1).values_list("version", flat=True).first() or 0

    @classmethod
    def bump(cls) -> None:
        if not cls.objects.filter(pk=1).update(version=F("version") + 1):
            cls.objects.get_or_create(pk=1, defaults={"version": 1})
