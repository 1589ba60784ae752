"""Consumers, people in Odoo, faults, pushes and pulls in any order, against a model of what then has to be so."""
