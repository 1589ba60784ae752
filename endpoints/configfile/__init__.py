"""The configuration file: the same connections, mappings and endpoints that admin edits, as YAML.

    text ─ read ─▶ nodes with their lines ─ shape ─▶ items ─ resolve ─▶ items with values ─┐
                                                                                          plan ─▶ steps ─ write
    database ─ current ─▶ items ──────────────────────────────────────────────────────────┘
                            └─ export ─▶ text

Items are what both sides have in common, so that the difference between a file and a database is a comparison.
"""
