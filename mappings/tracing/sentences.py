"""What a person is to do about a refusal, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.fieldtypes import FieldType, SelectionType, json_name
from mappings.spec import MappingSpec
from mappings.tracing.locate import Found
from mappings.tracing.rules import Kind, Refusal

_EXPECTED = {
    "integer": "a whole number",
    "float": "a number",
    "monetary": "a number",
    "boolean": "true or false",
    "date": "a date like 2026-01-31",
    "datetime": "a date and time like 2026-01-31T08:00:00Z",
    "many2one": "a record that Odoo has",
    "one2many": "records that Odoo has",
    "many2many": "records that Odoo has",
    "binary": "a file as base64",
    "image": "a picture (PNG, JPEG, GIF) as base64",
}


def sentence(
    spec: MappingSpec, refusal: Refusal, found: Found | None, *, deleting: bool, acting: str = ""
) -> str:
    """`acting`: the name of the action that was called."""
    return _Writer(spec, refusal, found, acting).text(deleting=deleting)


def is_outdated(refusal: Refusal, found: Found | None) -> bool:
    """Does the hub know the field otherwise than Odoo has it? An option that it offers itself is refused, or the field is gone."""
    if found is None or found.line.script is not None:
        return False
    if refusal.kind is Kind.VALUE:
        type_ = found.line.field.type
        return isinstance(type_, SelectionType) and refusal.value in {str(one) for one, _ in type_.options}
    return refusal.kind is Kind.UNKNOWN_FIELD


@dataclass(frozen=True)
class _Writer:
    spec: MappingSpec
    refusal: Refusal
    found: Found | None
    acting: str = ""

    @property
    def key(self) -> str:
        return f"“{self.found.key}”" if self.found else ""

    def text(self, *, deleting: bool) -> str:
        match self.refusal.kind:
            case Kind.REQUIRED:
                return self.required()
            case Kind.UNIQUE:
                return self.unique()
            case Kind.VALUE:
                return self.value()
            case Kind.TOO_LONG:
                return self.too_long()
            case Kind.TOO_LARGE:
                return self.too_large()
            case Kind.UNKNOWN_FIELD:
                return self.unknown_field()
            case Kind.UNKNOWN_MODEL:
                return self.unknown_model()
            case Kind.MISSING_RECORD:
                return self.missing_record()
            case Kind.FOREIGN_KEY:
                return self.in_use() if deleting else self.foreign_key()
            case Kind.RIGHT:
                return self.right()
            case Kind.FIELD_RIGHT:
                return self.field_right()
            case Kind.RECORD_RULE:
                return self.record_rule()
            case Kind.LANGUAGE:
                return self.language()
            case Kind.LOOP:
                return self.loop()
            case Kind.COMPANY:
                return self.company()
            case Kind.NOT_IN_COMPANY:
                return (
                    "The hub's user in Odoo may not work in this company: choose one of that user's companies on the connection, or "
                    "for the record, or give the user that company in Odoo."
                )
            case Kind.IMAGE:
                return self.image()
            case Kind.BUSY:
                return "Others were changing the same records in Odoo at that moment: sending it again is enough."
            case Kind.BUG:
                return "Odoo itself fails on this record, by a mistake of its own or of one of its modules: its log tells where."
            case Kind.OTHER:
                return self.undeletable() if deleting else self.other()

    def required(self) -> str:
        if self.found is None:
            named = ", ".join(self.refusal.fields)
            if _writes(self.spec, self.refusal.fields):
                return f"Odoo requires the field {named} of each {self.refusal.model or self.spec.model}: send it."
            return (
                f"Odoo requires the field {named} of {self.refusal.model or self.spec.model}, and no line of the mapping gives it: "
                "add a line for it, or give it a default in Odoo."
            )
        if not self.found.line.to_odoo:
            return f"Odoo requires {self.key}, whose line only comes from Odoo: let it go both ways."
        return f"{self.key} is missing, and Odoo requires it: send it, or give its line a default."

    def unique(self) -> str:
        if self.found is None:
            return "Odoo has another record with the same value: send another one, or change that record in Odoo."
        value = self.found.value
        shown = json_name(value) if isinstance(value, (str, int, float)) else "this value"
        return (
            f"{self.key}: another record in Odoo has {shown} already. Send another value, or change that record in "
            "Odoo."
        )

    def value(self) -> str:
        value = f"“{self.refusal.value}”" if self.refusal.value else "this value"
        if self.found is None:
            return f"Odoo cannot take {value}: correct it and send it again."
        type_ = self.found.line.field.type
        if is_outdated(self.refusal, self.found):
            return f"{self.key}: Odoo does not take {value} any more: send another value."
        return f"{self.key}: Odoo cannot take {value}. Send {_expected(type_)}."

    def too_long(self) -> str:
        where = f"{self.key} is" if self.found else "A text is"
        return f"{where} longer than the {self.refusal.value} characters that Odoo keeps: send a shorter one."

    def too_large(self) -> str:
        where = f"{self.key} is" if self.found else "A number is"
        return f"{where} larger than Odoo can keep: send a smaller one."

    def unknown_field(self) -> str:
        field = ", ".join(self.refusal.fields)
        mend = (
            f"correct or remove the line {self.key} of the mapping"
            if self.found
            else "correct what names it: a line, the domain or a parameter"
        )
        return f"Odoo has no field {field} of {self.refusal.model or self.spec.model} (any more): {mend}."

    def unknown_model(self) -> str:
        return f"Odoo has no model {self.refusal.model}: install the app that brings it, or correct the mapping's model."

    def missing_record(self) -> str:
        ids = ", ".join(map(str, self.refusal.ids)) or self.refusal.value or ""
        if self.found is not None:
            return f"{self.key} names a record that Odoo does not have ({ids}): it may have been deleted. Send another."
        if self.refusal.model == self.spec.model:
            return "Odoo does not have this record any more: delete it here as well, or create it anew."
        return f"A record of {self.refusal.model} ({ids}) that this one needs is not in Odoo any more: send another."

    def foreign_key(self) -> str:
        if self.found is None:
            return (
                "This names a record that Odoo does not have, or takes one away that other records of Odoo use: send it "
                "otherwise."
            )
        shown = f" ({self.found.value})" if self.found and isinstance(self.found.value, int) else ""
        return f"{self.key} names a record that Odoo does not have{shown}: send another."

    def in_use(self) -> str:
        used = f"records of {self.refusal.model} use it" if self.refusal.model else "other records use it"
        return f"Odoo cannot delete this record, because {used}: change those first{self._or_archive()}."

    def right(self) -> str:
        what = (
            f"{self.refusal.operation or 'do this with'} records of {self.refusal.model}"
            if self.refusal.model
            else "do this"
        )
        groups = f" (any of these: {', '.join(self.refusal.groups)})" if self.refusal.groups else ""
        about = f"{self.key}: the" if self.found else "The"
        return f"{about} hub's user in Odoo may not {what}. Give it that right in Odoo, by a group{groups}."

    def field_right(self) -> str:
        fields = ", ".join(self.refusal.fields)
        about = f"{self.key}: the" if self.found else "The"
        return (
            f"{about} hub's user in Odoo may not use the field {fields} of {self.refusal.model}: give it that right in Odoo, or "
            "remove the line from the mapping."
        )

    def record_rule(self) -> str:
        about = f"{self.key}: the" if self.found else "The"
        return (
            f"{about} hub's user in Odoo may not {self.refusal.operation or 'use'} these records of {self.refusal.model}: a record "
            "rule of Odoo forbids it, perhaps because they belong to another company. Change the rule, the user's "
            "companies, or the connection's company."
        )

    def language(self) -> str:
        if self.found is not None:
            return (
                f"The language {self.refusal.value} of {self.key} is not active in Odoo: activate it there (Settings → "
                "Translations), or choose another language for the line."
            )
        return (
            f"The language {self.refusal.value} is not installed in Odoo: install it there, or change the language of the "
            "connection."
        )

    def loop(self) -> str:
        where = self.key if self.found else "This"
        return f"{where} would put the record below itself: send another one."

    def company(self) -> str:
        where = self.key if self.found else "What this record refers to"
        return f"{where} belongs to another company than the record: send one of the same company."

    def image(self) -> str:
        where = f"{self.key} is" if self.found else "A picture is"
        return f"{where} no picture that Odoo takes: send a PNG, JPEG or GIF as base64."

    def undeletable(self) -> str:
        return f"Odoo refuses this: do what it says{self._or_archive('if it was to be deleted, ')}."

    def _or_archive(self, when: str = "") -> str:
        """Orders and invoices, of all things, have no archive."""
        return f", or, {when}let the endpoint archive instead" if self.spec.can_archive else ""

    def other(self) -> str:
        if self.found is None and self.acting:
            return f"Odoo refuses “{self.acting}”: do what it says, and ask for it again."
        if self.found is None:
            return "Odoo refuses this record: correct what it says and send it again."
        if self.found.guessed:
            return f"Odoo refuses this record, it seems because of {self.key}: correct it and send it again."
        return f"Odoo refuses {self.key}: correct it and send it again."


def _writes(spec: MappingSpec, fields: Sequence[str]) -> bool:
    """Is there a line for one of these fields, in the mapping or inside it?"""
    return any(
        (line.to_odoo and line.field.odoo_name in fields)
        or (line.nested is not None and _writes(line.nested, fields))
        for line in spec.lines
    )


def _expected(type_: FieldType) -> str:
    if isinstance(type_, SelectionType) and type_.options:
        return f"one of {type_.offered()}"
    return _EXPECTED.get(type_.name, "one that its field takes")
