"""What an access key may do at an endpoint: which methods, which keys of the records, which records.

To such a key the endpoint is one with fewer lines. A hidden key does not exist there: it can be neither read nor filtered
by, ordered by or asked for. Writes go through the whole mapping, which has constants and defaults of its own; what the
payload may hold is checked first.

    allowed      what one access may do, and what it is told of errors
    narrowing    an endpoint and a key → that
    reached      the rows it reaches, among the records of the mirror
"""

from endpoints.access.allowed import Access
from endpoints.access.narrowing import described, everything, of
from endpoints.access.reached import (
    OUTSIDE,
    as_reached,
    check_inside,
    check_tells_rows,
    check_would_be_inside,
    rows,
)

__all__ = [
    "OUTSIDE",
    "Access",
    "as_reached",
    "check_inside",
    "check_tells_rows",
    "check_would_be_inside",
    "described",
    "everything",
    "of",
    "rows",
]
