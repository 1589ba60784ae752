"""An Odoo field, as a mapping sees it."""

from dataclasses import dataclass

from mappings.fieldtypes import FieldType

ODOO_LANGUAGE = "en_US"
"""What Odoo answers in without a language."""


def kept_under(field: str, language: str, connection: str) -> str:
    """The name of a field's values in a language; `connection` is its connection's."""
    return field if language in ("", connection or ODOO_LANGUAGE) else f"{field}@{language}"


@dataclass(frozen=True)
class FieldSpec:
    """An Odoo field, as `fields_get` describes it.

    `name` is what its values are kept under. In a language other than the connection's that is `name@fr_FR`, so that the
    same field may be there in several.
    """

    name: str
    label: str
    type: FieldType
    required: bool = False
    readonly: bool = False
    stored: bool = True
    sources: frozenset[str] = frozenset()
    """Odoo works it out anew where one of these changes, also where it may be written."""
    searchable: bool = True
    """Odoo takes a condition on any other one for true, without a word."""
    sortable: bool = True

    @property
    def computed(self) -> bool:
        """Odoo works it out."""
        return bool(self.sources)

    @property
    def odoo_name(self) -> str:
        """What Odoo calls it."""
        return self.name.partition("@")[0]

    @property
    def is_file(self) -> bool:
        """Odoo keeps it beside the record, and can only tell whether there is one."""
        return self.type.name in ("binary", "image")

    @property
    def language(self) -> str:
        """Empty: the connection's."""
        return self.name.partition("@")[2]
