"""JSON as PostgreSQL keeps it."""

import json
from typing import Any

import orjson


class KeptJson(json.JSONDecoder):
    """For JSONField. `jsonb` writes 1e30 with all its digits, which Python would read as an integer that no longer fits
    anywhere; orjson reads whatever is over 64 bits as the float that it was."""

    def decode(self, s: str, *_: Any) -> Any:
        return orjson.loads(s)
