"""What one batch of a push has come to so far, and what came of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from endpoints.outbox import Claim
from synchub.errors import OdooError
from synchub.sync.coalesce import Work
from synchub.sync.deliver import Delivery
from synchub.sync.lease import Lease
from synchub.sync.outcome import Outcomes
from synchub.sync.verdicts import trouble_of


@dataclass
class Tally:
    seen: int = 0
    applied: int = 0
    failed: int = 0
    trouble: OdooError | None = None
    broken: bool = False
    """The hub itself failed on it."""
    unfit: bool = False
    """The hub knows a field otherwise than Odoo has it."""


@dataclass
class Batch:
    """Claimed changes, and what has become of them so far. `outcomes` has what is decided, by record."""

    token: uuid.UUID
    claims: Sequence[Claim]
    full: bool = False
    """As many as were asked for: more may be waiting."""
    sent: list[Work] = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=dict)
    trouble: OdooError | None = None
    lost: bool = False
    """Others go on with it."""
    broken: bool = False
    unfit: bool = False
    begun: bool = False
    """From here on Odoo may have some of it."""
    run_id: int | None = None
    delivery: Delivery = field(init=False)
    """Made in `prepare`: it remembers what was found out for the batch."""

    def __post_init__(self) -> None:
        self.lease = Lease(self.token)

    @property
    def is_over(self) -> bool:
        """Something is in the way of sending any of it, or was."""
        return self.trouble is not None or self.lost or self.broken

    def look_for_trouble(self) -> None:
        """The first thing in the way of any of them is in the way of the batch."""
        found = (trouble_of(outcome.error) for outcome in self.outcomes.values())
        self.trouble = self.trouble or next(filter(None, found), None)
