"""An Odoo field, as a mapping sees it."""

from dataclasses import dataclass

from mappings.fieldtypes import FieldType

ODOO_LANGUAGE = "en_US"
"""The language in which Odoo answers if none is given."""


def kept_under(field: str, language: str, connection: str) -> str:
    """The name for a field's values in a language; `connection`: the connection's language."""
    return field if language in ("", connection or ODOO_LANGUAGE) else f"{field}@{language}"


@dataclass(frozen=True)
class FieldSpec:
    """An Odoo field, as `fields_get` describes it.

    `name` is the key of its values. In a language other than the connection's it is `name@fr_FR`, so that the same field can
    be there in several languages.
    """

    name: str
    label: str
    type: FieldType
    required: bool = False
    readonly: bool = False
    stored: bool = True
    sources: frozenset[str] = frozenset()
    """Odoo works it out again if one of these changes, even if it can be written."""
    searchable: bool = True
    """Whether Odoo can search by it. It silently takes a condition on any other field for true."""
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
        """Odoo stores it apart from the record. A search can only tell whether there is one."""
        return self.type.name in ("binary", "image")

    @property
    def language(self) -> str:
        """Empty: the connection's language."""
        return self.name.partition("@")[2]
