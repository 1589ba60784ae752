"""A mapping, compiled."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mappings.archive import is_archived
from mappings.fieldtypes import WrongValue
from mappings.scripts import Mode
from mappings.spec.field import ODOO_LANGUAGE, FieldSpec
from mappings.spec.line import LineSpec
from mappings.steps import Lookup, Tidied

Shown = tuple[tuple[str, ...], str, str, Callable[[Any], Any] | None, str | None]
"""Where in the document, under which key, from which field, made by what (None: as it is); the key of a fragment."""


def _en_us_first(language: str) -> tuple[bool, str]:
    return language != ODOO_LANGUAGE, language


@dataclass(frozen=True)
class MappingSpec:
    """A mapping, compiled.

    `fingerprint` changes whenever stored records could look different. `archive`: the field that says whether a record is
    archived; "" if the model has none. `stamped`: Odoo has a write_date, as all models but reports do. `extra`: fields that no
    line shows, stored to filter by them. `facts`: type and relation of the model's fields by name, for scripts.
    """

    name: str
    model: str
    lines: tuple[LineSpec, ...]
    fingerprint: str
    archive: str
    stamped: bool = True
    extra: tuple[FieldSpec, ...] = ()
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def dated(self) -> bool:
        """Whether Odoo has a create_date, which tells when it gave an id a second time."""
        return self.stamped and "create_date" in self.facts

    @property
    def can_archive(self) -> bool:
        return bool(self.archive)

    @property
    def archive_read(self) -> list[str]:
        """The fields to read to know whether a record is archived."""
        return [self.archive] if self.archive else []

    def is_archived(self, row: Mapping[str, Any]) -> bool:
        return is_archived(row, self.archive)

    @cached_property
    def identifier(self) -> LineSpec:
        return next(line for line in self.lines if line.identifier)

    @property
    def named_by_odoo(self) -> bool:
        """The identifier is Odoo's own id, which a new record does not have until Odoo gives it."""
        return self.identifier.field.name == "id"

    @cached_property
    def by_key(self) -> dict[str, LineSpec]:
        """The line that takes a key from outside, or else the one that shows it."""
        return {line.key: line for line in sorted(self.lines, key=lambda line: line.to_odoo)}

    @cached_property
    def groups(self) -> frozenset[str]:
        """The keys of objects: every beginning of a dotted key."""
        return frozenset(
            ".".join(line.path[:depth]) for line in self.lines for depth in range(1, len(line.path))
        )

    @cached_property
    def by_field(self) -> dict[str, FieldSpec]:
        return {
            field.name: field
            for field in (*self.extra, *(line.field for line in self.lines if line.readable))
        }

    @cached_property
    def from_wire(self) -> dict[str, Callable[[Any], Any]]:
        """By field, the function that makes Odoo's value canonical."""
        return {name: field.type.from_wire for name, field in self.by_field.items()}

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """How the document is put together, key by key. Worked out once, not for each record."""
        return tuple(
            (
                line.path[:-1],
                line.path[-1],
                line.field.name,
                None if line.shows_as_is else line.present,
                line.key if line.nested is not None or line.script is not None else None,
            )
            for line in self.outgoing
        )

    @cached_property
    def languages(self) -> dict[str, tuple[FieldSpec, ...]]:
        """The fields that are read and written in languages other than the connection's, by language.

        In the order of writing, since Odoo shows en_US where another language has no text of its own.
        """
        found = sorted({field.language for field in self.by_field.values()} - {""}, key=_en_us_first)
        return {
            language: tuple(field for field in self.by_field.values() if field.language == language)
            for language in found
        }

    @cached_property
    def html_in_languages(self) -> tuple[tuple[str, ...], ...]:
        """The html texts of which lines name languages: the names of their values, in the connection's language first."""
        texts = {
            field.odoo_name
            for several in self.languages.values()
            for field in several
            if field.type.name == "html"
        }
        return tuple(
            tuple(sorted(name for name, field in self.by_field.items() if field.odoo_name == text))
            for text in sorted(texts)
        )

    @property
    def is_translated(self) -> bool:
        """Whether it, or a mapping inside it, has values in other languages."""
        return bool(self.languages) or any(
            line.nested and line.nested.is_translated for line in self.relations
        )

    def line_of(self, field: str) -> LineSpec | None:
        """The line that writes this field, preferably in the same language. Of a dotted path, the first part counts."""
        name = field.split(".")[0].split("/")[0]
        lines = [line for line in self.lines if line.to_odoo]
        return next(
            (line for line in lines if line.field.name == name),
            next((line for line in lines if line.field.odoo_name == name.partition("@")[0]), None),
        )

    def worked_out_anew(self, field: str, changed: Iterable[str], sent: Iterable[str]) -> bool:
        """Does Odoo work this one out where those change, so that it has to be said again to stay, among all that is sent?

        Not lines, which have values of their own; not what is not stored, and shows others: said again it would take their
        change back. Of two that are worked out from each other (the end of a meeting and how long it takes) one is out of
        date, and nobody says which: Odoo decides.
        """
        one = self.by_field.get(field)
        if one is None or not one.stored or one.language or one.type.name == "one2many":
            return False
        others = [self.by_field[name] for name in sent if name != field and name in self.by_field]
        return not one.sources.isdisjoint(
            self.by_field[name].odoo_name for name in changed if name in self.by_field
        ) and not any(one.odoo_name in other.sources and other.odoo_name in one.sources for other in others)

    def named(self, text: str) -> Any:
        """The canonical identifier for a name in a URL. Raises WrongValue."""
        line = self.identifier
        if line.steps:
            first = line.steps[0]
            return line.parse(first.from_text(text) if isinstance(first, Lookup) else text)
        numeric = line.field.type.compared_as == "numeric" and re.fullmatch(r"-?[0-9]{1,20}", text)
        return line.parse(int(text) if numeric else text)

    def names_of(self, text: str) -> list[Any]:
        """The identifiers that a name in a URL may mean in Odoo, best first: as shown, which is not tidied, and as it would be
        written. Raises WrongValue."""
        tidied, line = self.named(text), self.identifier
        if not any(isinstance(step, Tidied) for step in line.steps):
            # 07 does not name 7, nor does a label name its value.
            if str(line.present(tidied)) != text:
                raise WrongValue(f"“{text}” is another name of “{line.present(tidied)}”")
            return [tidied]
        return list(dict.fromkeys([line.field.type.parse(text), tidied]))

    def shows_the_same(self, field: str, value: Any, other: Any) -> bool:
        """Whether two values of a plain field look the same outside, under every key that writes it.

        Formats may show less than Odoo has, and sending back what was read must not cut the rest off. Odoo has no empty
        numbers: null is 0 there.
        """
        kind = self.by_field[field].type
        if value is None and other is not None and kind.from_wire(kind.to_wire(None)) == other:
            return True
        lines = [line for line in self.incoming if line.field.name == field]
        return all(
            line.steps and line.from_odoo and bool(line.present(value) == line.present(other))
            for line in lines
        )

    @cached_property
    def relations(self) -> tuple[LineSpec, ...]:
        """The lines with a nested mapping."""
        return tuple(line for line in self.lines if line.nested is not None)

    @cached_property
    def written_relations(self) -> tuple[LineSpec, ...]:
        """One relation for each field. Further lines may show the same records differently."""
        return tuple(line for line in self.relations if line.to_odoo)

    @cached_property
    def scripted_in(self) -> tuple[LineSpec, ...]:
        """The lines whose value for Odoo a script makes."""
        return tuple(line for line in self.incoming if line.script and line.script.mode is Mode.EVALUATE)

    @cached_property
    def scripted_out(self) -> tuple[LineSpec, ...]:
        """The lines whose value for the document a script makes."""
        return tuple(line for line in self.outgoing if line.script)

    @cached_property
    def executing(self) -> tuple[LineSpec, ...]:
        """The lines whose script has an effect when a change is pushed."""
        return tuple(line for line in self.incoming if line.script and line.script.mode is Mode.EXECUTE)

    @cached_property
    def incoming(self) -> tuple[LineSpec, ...]:
        """The lines that write to Odoo."""
        return tuple(line for line in self.lines if line.to_odoo)

    @cached_property
    def outgoing(self) -> tuple[LineSpec, ...]:
        """The lines whose values come from Odoo and are shown."""
        return tuple(line for line in self.lines if line.from_odoo)
