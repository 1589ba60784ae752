"""The benchmarks: what the hub does beside what Odoo and a bare web server can do, in one run.

Nothing of the product imports this. What it makes, in the database and in Odoo, it takes away again.
"""
