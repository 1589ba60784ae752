"""The whole hub as it runs: web, worker and beat as processes, a database of its own, an Odoo over a socket."""
