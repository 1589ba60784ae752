"""The configuration file: the same connections, mappings and endpoints that admin edits, as YAML.

    text ─ read ─▶ nodes with their lines ─ shape ─▶ items ─ resolve ─▶ items with values ─┐
                                                                                          plan ─▶ steps ─ write
    database ─ current ─▶ items ──────────────────────────────────────────────────────────┘
                            └─ export ─▶ text

Both sides become items, so that file and database can be compared.
"""
