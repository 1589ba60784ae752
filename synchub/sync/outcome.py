"""What came of the work for a record."""

from dataclasses import dataclass
from typing import Any

from endpoints.awaited import Awaited
from mappings.line_error import LineError
from synchub.errors import OdooError, OdooPermanent, ValueNotSendable


class ForAPerson(OdooPermanent):
    """A person has to say how to go on; the words are the hub's own, not Odoo's."""


class Undecided(ForAPerson):
    """Both sides changed the same field. `asked` is for the inbox."""

    def __init__(self, message: str, asked: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True)
class Outcome:
    """`error` None: done, unless it `waits_for` another record; what was not `left_out` then is in Odoo all the same. `field`
    names the Odoo field that a refusal is about, where Odoo told it. `partly`: of what ended in an error, the first of
    several calls has been carried out. `patient`: who waits for it in its turn may go on without, and is looked at before."""

    odoo_id: int | None = None
    error: OdooError | ValueNotSendable | LineError | None = None
    field: str | None = None
    waits_for: Awaited | None = None
    left_out: frozenset[str] = frozenset()
    partly: bool = False
    patient: bool = False


Outcomes = dict[int, Outcome]  # by record id
