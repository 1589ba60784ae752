"""Admin of connections, what Odoo says of its models, and mappings."""

from mappings.admin.connection import ConnectionAdmin
from mappings.admin.mapping import MappingAdmin
from mappings.admin.odoo_model import OdooModelAdmin
from mappings.admin.table import LookupTableAdmin

__all__ = ["ConnectionAdmin", "LookupTableAdmin", "MappingAdmin", "OdooModelAdmin"]
