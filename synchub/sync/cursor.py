"""From when on a pull has to read: which `write_date` is old enough to be done with. Pure.

Odoo stamps a row with the *start* of its transaction, and the row is seen only after the end. So a row with an old
stamp may still turn up. But a transaction lives for two minutes at most (Odoo's `limit_time_real`). Let W be the
newest stamp in Odoo, seen before a walk of all that changed:

- what was still open then is stamped later than W less two minutes, for Odoo's clock had reached W already;
- once the walk begins more than two minutes after W was first seen, everything stamped up to W has ended
  before the walk, and the next one may begin behind W. So a quiet endpoint reads nothing twice.

Only time that has passed on one clock (the hub's database) is used, never a difference between two clocks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

# How long a transaction of Odoo's may go on, with some slack for its own whole seconds.
OVERLAP_SECONDS = 150.0
_FORMAT = "%Y-%m-%d %H:%M:%S"

Sighting = tuple[float, str]
"""(seconds since 1970 by the hub's database, newest `write_date` in Odoo at that moment)"""


def advance(cursor: str, sightings: Sequence[Sighting], walk_started_at: float) -> tuple[str, list[Sighting]]:
    """The cursor after a complete walk, and the sightings that are still of use."""
    seen = [(at, stamp) for at, stamp in sightings if at <= walk_started_at]
    moved = max(
        [
            cursor,
            *(shifted(stamp, -OVERLAP_SECONDS) for _, stamp in seen),
            # Odoo's microseconds do not travel: the whole second has to be over.
            *(shifted(stamp, 1) for at, stamp in seen if at <= walk_started_at - OVERLAP_SECONDS),
        ]
    )
    return moved, [(at, stamp) for at, stamp in sightings if stamp >= moved]


def sighted(sightings: Sequence[Sighting], at: float, newest: str) -> list[Sighting]:
    """Add what was seen now. The first sighting of a stamp counts, and few are kept."""
    kept = list(sightings)
    if newest and all(stamp < newest for _, stamp in kept):
        # One in ten seconds is fine-grained enough; the newest has to be there, or the cursor could not reach it.
        if len(kept) > 1 and at - kept[-2][0] < 10:
            kept.pop()
        kept.append((at, newest))
    return kept


def shifted(stamp: str, seconds: float) -> str:
    return (datetime.strptime(stamp, _FORMAT) + timedelta(seconds=seconds)).strftime(_FORMAT)
