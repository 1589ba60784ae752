"""What the file's shape foresees and this version does not do yet, all of it.

Whoever builds one of these takes it out here and puts it into `shape` (and `current`, `plan`, `write`, `export`).
"""

SECTIONS = ("targets",)
