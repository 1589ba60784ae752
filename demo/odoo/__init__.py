"""A practice Odoo: speaks XML-RPC like Odoo 18, for the demo and for tests. Standard library only."""

from demo.odoo.practice import PracticeOdoo

__all__ = ["PracticeOdoo"]
