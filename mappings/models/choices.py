"""The choices of lines: kinds, directions, and what to do when."""

from django.db import models


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
    """What to do with a value that no row of a table has."""

    ERROR = "error", "refuse the write"
    PASS = "pass", "pass it on as it is"
    EMPTY = "empty", "make it empty"


class WriteWhen(models.TextChoices):
    """Which records of Odoo a line writes to."""

    ALWAYS = "always", "always"
    ON_CREATE = "on_create", "when the record is created"
    IF_EMPTY = "if_empty", "while Odoo has no value"


class Conflicts(models.TextChoices):
    """Who wins where both sides changed the same field."""

    ODOO = "odoo", "Odoo wins"
    HUB = "hub", "the hub wins"
    NEWEST = "newest", "the newest wins"
    ASK = "ask", "ask a person"


class TextCase(models.TextChoices):
    AS_IS = "", "as it is"
    UPPER = "upper", "CAPITALS"
    LOWER = "lower", "small letters"
    TITLE = "title", "Each Word With A Capital"
