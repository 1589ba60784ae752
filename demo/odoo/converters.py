"""Texts of an import turned into values, field by field, as Odoo's `ir.fields.converter` does.

A message may hold `%(field)s`: `load` puts the field's label there.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from demo.odoo.env import Env
from demo.odoo.models import MODELS, Field, Model
from demo.odoo.reading import name_search, search
from demo.odoo.values import DATETIME, parse_date, parse_datetime

TRUE_TEXTS = frozenset({"1", "true", "yes"})
FALSE_TEXTS = frozenset({"", "0", "false", "no"})
REFERENCES = (None, "id", ".id")


@dataclass
class ImportProblem(Exception):
    """`about_field`: does the message name the field in an entry of its own, too?"""

    message: str
    moreinfo: Any = None
    kind: str = "error"
    about_field: bool = True


Warn = Callable[[ImportProblem], None]


def convert(env: Env, field: Field, value: Any, warn: Warn) -> Any:
    """The value of one plain field."""
    return _CONVERTERS.get(field.type, _as_is)(env, field, value, warn)


def _as_is(_env: Env, _field: Field, value: Any, _warn: Warn) -> Any:
    return value


def _boolean(_env: Env, _field: Field, value: Any, warn: Warn) -> bool:
    text = value.lower()
    if text in TRUE_TEXTS or text in FALSE_TEXTS:
        return text in TRUE_TEXTS
    warn(
        ImportProblem(
            f"Unknown value '{value}' for boolean field '%(field)s'",
            "Use '1' for yes and '0' for no",
            "error",
        )
    )
    return True


def _integer(_env: Env, _field: Field, value: Any, _warn: Warn) -> int:
    try:
        return int(value)
    except ValueError:
        raise ImportProblem(f"'{value}' does not seem to be an integer for field '%(field)s'") from None


def _float(_env: Env, _field: Field, value: Any, _warn: Warn) -> float:
    try:
        return float(value)
    except ValueError:
        raise ImportProblem(f"'{value}' does not seem to be a number for field '%(field)s'") from None


def _date(_env: Env, _field: Field, value: Any, _warn: Warn) -> str | None:
    try:
        return parse_date(value)
    except ValueError:
        raise ImportProblem(
            f"'{value}' does not seem to be a valid date for field '%(field)s'", "Use the format '2012-12-31'"
        ) from None


def _datetime(env: Env, _field: Field, value: Any, _warn: Warn) -> str:
    """Read in the user's time zone: an import is typed by a person."""
    try:
        parsed = datetime.strptime(str(parse_datetime(value))[:19], DATETIME)
    except ValueError:
        raise ImportProblem(
            f"'{value}' does not seem to be a valid datetime for field '%(field)s'",
            "Use the format '2012-12-31 23:59:59'",
        ) from None
    return parsed.replace(tzinfo=_zone(env)).astimezone(UTC).strftime(DATETIME)


def _zone(env: Env) -> ZoneInfo:
    of_user = "SELECT p.tz FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = ?"
    for name in (env.context.get("tz"), env.value(of_user, env.uid)):
        with contextlib.suppress(ValueError, OSError, KeyError):
            return ZoneInfo(str(name or ""))
    return ZoneInfo("UTC")


def _selection(_env: Env, field: Field, value: Any, _warn: Warn) -> str:
    for item, label in field.choices.items():
        if value.lower() in (item.lower(), label.lower()):
            return item
    raise ImportProblem(
        f"Value '{value}' not found in selection field '%(field)s'",
        [label or item for item, label in field.choices.items()],
    )


_CONVERTERS: dict[str, Callable[[Env, Field, Any, Warn], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "float": _float,
    "monetary": _float,
    "date": _date,
    "datetime": _datetime,
    "selection": _selection,
}


def reference(record: dict[str | None, Any]) -> str | None:
    """By what a related record is named: None its name, `id` its external id, `.id` its database id."""
    if set(record) - set(REFERENCES):
        raise ImportProblem(
            "Can not create Many-To-One records indirectly, import the field separately", about_field=False
        )
    if len(record) > 1:
        raise ImportProblem(
            "Ambiguous specification for field '%(field)s', only provide one of name, external id or database id",
            about_field=False,
        )
    return next(iter(record))


def related_id(env: Env, field: Field, by: str | None, value: Any, warn: Warn) -> int | bool:
    """The database id of a related record, False for none."""
    target = MODELS[field.relation]
    if value in ("", False, None):
        return False
    found: int | None = None
    if by == ".id":
        try:
            found = next(
                iter(search(env.with_context(active_test=False), target, [("id", "=", int(value))])), None
            )
        except ValueError:
            raise ImportProblem(
                f"Invalid database id '{value}' for the field '%(field)s'", _possible(target)
            ) from None
    elif by == "id":
        found = external_id(env, str(value), target.name)
    else:
        matches = name_search(env, target, str(value), operator="=")
        if len(matches) > 1:
            warn(
                ImportProblem(
                    f"Found multiple matches for value '{value}' in field '%(field)s' ({len(matches)} matches)",
                    kind="warning",
                )
            )
        found = matches[0][0] if matches else None
    if found is None:
        kind = {".id": "database id", "id": "external id"}.get(by or "", "name")
        raise ImportProblem(
            f"No matching record found for {kind} '{value}' in field '%(field)s'", _possible(target)
        )
    return found


def external_id(env: Env, value: str, model: str) -> int | None:
    """The record behind `module.name`; a name without a module is one of the import's own."""
    module, _, name = (value if "." in value else f"__import__.{value}").partition(".")
    found = env.rows("SELECT res_id, model FROM ir_model_data WHERE module = ? AND name = ?", module, name)
    if not found or not env.rows(f"SELECT 1 FROM {MODELS[model].table} WHERE id = ?", found[0][0]):  # noqa: S608
        return None
    if found[0][1] != model:
        raise ImportProblem(
            f"Invalid external ID {value}: expected model '{model}', found '{found[0][1]}'", about_field=False
        )
    return int(found[0][0])


def _possible(target: Model) -> dict[str, Any]:
    """The window in which a person would see the possible values."""
    return {
        "name": "Possible Values",
        "type": "ir.actions.act_window",
        "target": "new",
        "view_mode": "list,form",
        "views": [[False, "list"], [False, "form"]],
        "context": {"create": False},
        "help": "See all possible values",
        "res_model": target.name,
    }
