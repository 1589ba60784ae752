"""Html texts, and why a translated one cannot be emptied in one language only. Pure.

Odoo translates html piece by piece (`html_translate`). A text without pieces is the same in all languages.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from mappings.line_error import LineError
from mappings.spec import MappingSpec

_UNSEEN = re.compile(r"<(script|style)\b", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")}


def words(text: str) -> str:
    """The text that a reader sees."""
    return unescape("".join(_seen(text))).strip()


def _seen(text: str) -> Iterator[str]:
    """The text outside of tags, scripts and styles.

    Each search starts where the last one ended, and ends for good once there is no more: a single pattern would search the
    rest of the text for each of a million “<”.
    """
    at, endless = 0, set()
    while (opening := text.find("<", at)) >= 0:
        yield text[at:opening]
        unseen = _UNSEEN.match(text, opening)
        name = unseen[1].lower() if unseen else ""
        end = _ENDS[name].search(text, opening) if name and name not in endless else None
        if name and end is None:
            endless.add(name)
        at = end.end() if end else text.find(">", opening) + 1
        if not at:  # no tag is left
            yield text[opening:]
            return
    yield text[at:]


def is_wordless(text: Any) -> bool:
    return not isinstance(text, str) or not words(text)


def check_emptied(
    spec: MappingSpec, values: Mapping[str, Any], base: Mapping[str, Any] | None = None, place: str = ""
) -> None:
    """Raises LineError if writing `values` would empty a text that another language has.

    `base`: what Odoo has of the record, None where that is not known or there is none. `place` is put before keys.
    """
    for several in spec.html_in_languages:
        there = {name: value for name, value in (base or {}).items() if name in several}
        emptied = [
            name
            for name in several
            if name in values
            and is_wordless(values[name])
            and not (name in there and there[name] == values[name])
        ]
        # Without a line in the connection's own language it is unknown what would be lost.
        unknown = base is not None and "@" in several[0]
        after = there | {name: values[name] for name in several if name in values}
        if not emptied or not (unknown or any(not is_wordless(text) for text in after.values())):
            continue
        line = spec.line_of(emptied[-1])
        key = f"{place}{line.key if line else emptied[-1]}"
        raise LineError(
            f"“{key}”: Odoo empties an html text in all languages at once. Send a text, leave the key out, or empty the text "
            "in each of its languages.",
            code="TYPE",
            key=key,
            line=line,
        )
