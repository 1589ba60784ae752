"""The benchmarks: the hub beside what Odoo and a bare web server can do, in one run.

The product does not import this. The benchmarks remove what they create in the database and in Odoo.
"""
