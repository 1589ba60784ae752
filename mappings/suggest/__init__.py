"""Lines that a sample may want: the keys of a JSON object, or the filled fields of a record of Odoo. Pure.

A guess is made from what fields are called, technically and by people, and from what the value could be. Whoever asked
looks at the proposals before any becomes a line.

likeness   how likely a key means a field
proposals  one line that is proposed, or why there is none
sample     lines for the keys of a JSON object
filled     lines for what is filled in a record
unique     does what is proposed to name a record do so?
"""

from mappings.suggest.filled import from_record, is_ordinary
from mappings.suggest.proposals import Inner, Leftover, Nested, Proposal, Suggestion
from mappings.suggest.sample import first_record, from_json
from mappings.suggest.unique import named_otherwise, naming, shared

__all__ = [
    "Inner",
    "Leftover",
    "Nested",
    "Proposal",
    "Suggestion",
    "first_record",
    "from_json",
    "from_record",
    "is_ordinary",
    "named_otherwise",
    "naming",
    "shared",
]
