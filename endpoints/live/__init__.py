"""Live mode: each request becomes calls to Odoo and answers with what Odoo says. Nothing is stored.

The same mapping as in the mirror, and the same checks before Odoo is asked. A list costs a search and a count, one
record a search; each relation one call more, however many records there are.
"""

from endpoints.live.reading import find, page, walk
from endpoints.live.writing import act, create, delete, update, upsert

__all__ = ["act", "create", "delete", "find", "page", "update", "upsert", "walk"]
