"""The external ids (`ir.model.data`) by which Odoo knows what the hub created."""

import hashlib
from typing import Any

EXTERNAL_ID_MODULE = "__synchub__"
"""The module part of these external ids. No real module has this name."""

# With this context, Odoo's `create` takes an external id from the key `id`, as its own import does (17 and later).
IMPORTING = {"_import_current_module": EXTERNAL_ID_MODULE}


def external_id(*parts: Any) -> str:
    """An external id. The same parts give the same one."""
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    return f"{EXTERNAL_ID_MODULE}.{digest}"
