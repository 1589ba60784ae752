"""A line of a mapping."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mappings.fieldtypes import FieldType
from mappings.scripts import Script
from mappings.spec.field import FieldSpec
from mappings.steps import Step

if TYPE_CHECKING:
    from mappings.spec.mapping import MappingSpec


@dataclass(frozen=True)
class LineSpec:
    """A line of a mapping. `path` is the key, split at its dots; `nested` makes it a relation.

    `steps` are between the JSON outside and the field's type. A line with a `constant` takes no value from outside.
    """

    id: int | None
    key: str
    path: tuple[str, ...]
    field: FieldSpec
    to_odoo: bool
    from_odoo: bool
    required: bool = False
    default: Any = None
    identifier: bool = False
    nested: "MappingSpec | None" = None
    on_missing: str = "error"  # error, create, empty
    on_several: str = "error"  # error, first
    readable: bool = True  # False: Odoo no longer has the field, and would refuse to read it
    inverse: str = ""  # for a one2many: the children's field that leads back
    steps: tuple[Step, ...] = ()
    constant: Any = None
    write_when: str = "always"  # always, on_create, if_empty
    script: Script | None = None
    conflicts: str = ""  # odoo, hub, newest, ask; empty: as the endpoint does

    def parse(self, value: Any) -> Any:
        """A plain line's JSON as its canonical value. Raises WrongValue."""
        for step in self.steps:
            value = step.inward(value)
        return self.field.type.parse(value)

    def present(self, value: Any) -> Any:
        """A plain line's canonical value as JSON."""
        if self.constant is not None and not self.to_odoo:
            return self.constant
        value = self.field.type.present(value)
        for step in reversed(self.steps):
            value = step.outward(value)
        return value

    def near(self, value: Any) -> list[tuple[str, Any]]:
        """For a plain line: terms that hold for all canonical values shown like this one; see `Step.near`."""
        return self.steps[-1].near(value) if self.steps else []

    @property
    def tells_field(self) -> bool:
        """Whether the key tells the field's value. What a script or a constant shows may hide it."""
        fixed = self.constant is not None and not self.to_odoo
        return self.from_odoo and self.script is None and not fixed

    @property
    def is_compared(self) -> bool:
        """Whether records can be compared by it: it shows a plain value of its field."""
        return self.tells_field and self.nested is None

    @property
    def shows_as_is(self) -> bool:
        """Whether the canonical value is shown as it is."""
        fixed = self.constant is not None and not self.to_odoo
        return not fixed and not self.steps and type(self.field.type).present is FieldType.present

    def writes_over(self, current: Any) -> bool:
        """Whether a value is sent to a record that has `current` in Odoo."""
        if self.write_when == "if_empty":
            return current is None or current == [] or (current == 0 and current is not False)
        return self.write_when == "always"
