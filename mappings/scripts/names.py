"""The names that a script may use, and what becomes of them in the sandbox."""

import collections
import datetime
import decimal
import re
from typing import Final

# Of the sandbox's own modules those that compute and nothing else.
MODULES: Final = frozenset(
    {
        "base64", "binascii", "collections", "copy", "csv", "datetime", "decimal", "functools", "hashlib",
        "itertools", "json", "math", "random", "re", "time", "typing", "unicodedata",
    }
)  # fmt: skip

# Modules that Odoo's own scripts import, answered with names that stand here anyway.
STAND_INS: Final = {
    "dateutil": "_hub_dateutil",
    "dateutil.parser": "_hub_dateutil.parser",
    "dateutil.relativedelta": "_hub_dateutil.relativedelta",
    "odoo": "_hub_odoo",
    "odoo.exceptions": "_hub_odoo.exceptions",
    "odoo.tools": "_hub_odoo.tools",
    "odoo.tools.float_utils": "_hub_odoo.tools",
    "pytz": "_hub_pytz",
}

# Builtins that cannot ask Odoo for a value, or do not know that a set of records can be empty; and one that rounds otherwise.
REPLACED: Final = {
    name: f"_hub_{name}"
    for name in (
        "all", "any", "filter", "getattr", "hasattr", "len", "map", "max", "min", "print", "reversed",
        "round", "setattr", "sorted",
    )
}  # fmt: skip

REFUSED: Final = {
    "breakpoint": "a script cannot be debugged here",
    "compile": "code in texts is not run",
    "eval": "code in texts is not run",
    "exec": "code in texts is not run",
    "globals": "a script sees its own names only",
    "input": "nobody is there to answer",
    "locals": "a script sees its own names only",
    "open": "a script has no files",
    "vars": "a script sees its own names only",
    "__import__": "use the import statement",
}

# Of modules: these take a function's answer for true or false, and do not know that records can be none.
JUDGES: Final = frozenset({"compress", "dropwhile", "filterfalse", "takewhile"})

# Methods of a set of records that the sandbox has itself; any other name is a method in Odoo.
RECORD_METHODS: Final = frozenset(
    {
        "browse", "call", "concat", "copy", "create", "ensure_one", "exists", "filtered", "grouped", "mapped",
        "read", "search", "search_count", "search_read", "sorted", "sudo", "union", "unlink", "with_company",
        "with_context", "with_user", "write",
    }
)  # fmt: skip

# Methods that the sandbox has for native values, but not as Python has them.
SPECIAL_METHODS: Final = {
    "astimezone": "_hub_astimezone",
    "fromtimestamp": "_hub_fromtimestamp",
    "now": "_hub_now",
    "sort": "_hub_sort",
    "today": "_hub_today",
    "utcnow": "_hub_utcnow",
}

_NATIVE_TYPES = (
    bool, bytes, dict, float, frozenset, int, list, range, set, slice, str, tuple, type(None), BaseException,
    collections.Counter, collections.defaultdict, collections.deque, datetime.date, datetime.datetime,
    datetime.time, datetime.timedelta, datetime.timezone, decimal.Decimal, re.Match, re.Pattern,
)  # fmt: skip

# Called as they stand: the sandbox finds these methods only where they are called.
NATIVE_METHODS: Final = frozenset(
    name for kind in _NATIVE_TYPES for name in dir(kind) if not name.startswith("_")
) | {"digest", "hexdigest"}
