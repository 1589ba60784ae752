"""What an endpoint can be, and how it compares."""

from django.db import models


class Mode(models.TextChoices):
    MIRROR = "mirror", "mirror: answered from the hub's own copy"
    LIVE = "live", "live: each request asks Odoo"


class Method(models.TextChoices):
    GET = "GET", "GET (read)"
    POST = "POST", "POST (create)"
    PUT = "PUT", "PUT (change)"
    DELETE = "DELETE", "DELETE"


class Auth(models.TextChoices):
    NONE = "none", "none: open to everybody"
    BASIC = "basic", "login and password (Basic)"
    BEARER = "bearer", "token (Bearer)"


class OnDelete(models.TextChoices):
    UNLINK = "unlink", "delete it in Odoo"
    ARCHIVE = "archive", "archive it in Odoo"
    IGNORE = "ignore", "leave it in Odoo"


class Operator(models.TextChoices):
    EQ = "=", "="
    NE = "!=", "≠"
    GT = ">", ">"
    GE = ">=", "≥"
    LT = "<", "<"
    LE = "<=", "≤"
    LIKE = "like", "contains (case counts)"
    ILIKE = "ilike", "contains"
    EQ_LIKE = "=like", "pattern with % and _ (case counts)"
    EQ_ILIKE = "=ilike", "pattern with % and _"
    IN = "in", "one of (comma separated)"
    NOT_IN = "not in", "none of (comma separated)"
    CHILD_OF = "child_of", "is or lies below"
