"""Every fault that the hub must survive, struck at a chosen instant: programs, services and Odoo, all of them real."""
