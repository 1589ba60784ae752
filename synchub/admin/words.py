"""How values are shown: states as badges, moments as a person says them, JSON indented."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Look = Literal["success", "info", "warning", "danger", ""]

NOTHING = "–"
_LONGEST_TEXT = 2_000  # a photo in base64 would be megabytes on the page
_STEPS = ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))


def badge(text: str, look: Look = "", title: str = "") -> SafeString:
    context = {"text": text, "type": look, "label_title": title}
    return mark_safe(render_to_string("unfold/helpers/label.html", context).strip())  # noqa: S308  # a template's output


def duration(seconds: float) -> str:
    seconds = max(0, round(seconds))
    for size, one, many in _STEPS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    return "0 s"


def ago(moment: datetime | None, never: str = "never") -> str:
    """“5 min ago”, the exact moment as its title."""
    if moment is None:
        return never
    passed = (timezone.now() - moment).total_seconds()
    return _moment(moment, "just now" if passed < 1 else f"{duration(passed)} ago")


def due(moment: datetime) -> str:
    left = (moment - timezone.now()).total_seconds()
    return _moment(moment, "now" if left <= 0 else f"in {duration(left)}")


def _moment(moment: datetime, text: str) -> SafeString:
    exact = date_format(timezone.localtime(moment), "Y-m-d H:i:s T")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, text)


def pretty(value: Any) -> SafeString:
    """A JSON value, or JSON text, as a person reads it; overlong texts in it are cut."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return preformatted(value[:_LONGEST_TEXT])
    return preformatted(readable(value))


def readable(value: Any) -> str:
    """A JSON value as indented text; overlong texts in it are cut."""
    return json.dumps(_cut(value), ensure_ascii=False, indent=2)


def preformatted(text: str) -> SafeString:
    return format_html('<pre class="hub-code hub-wide" tabindex="0">{}</pre>', text)


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:100]}… ({len(value):,} characters)"
    if isinstance(value, list):
        return [_cut(item) for item in value]
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    return value


def link(url: str, text: object) -> SafeString:
    return format_html('<a class="hub-link" href="{}">{}</a>', url, text)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> SafeString:
    """A small table inside a page."""
    body = [
        format_html("<tr>{}</tr>", format_html_join("", "<td>{}</td>", ((cell,) for cell in row)))
        for row in rows
    ]
    if not body:
        return format_html('<p class="hub-quiet">{}</p>', empty)
    return format_html(
        '<div class="hub-table hub-wide" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", '<th scope="col">{}</th>', ((heading,) for heading in headings)),
        format_html_join("", "{}", ((row,) for row in body)),
    )


def problem(text: str) -> SafeString:
    return format_html('<span class="hub-problem">{}</span>', text)


def shortened(text: str, length: int = 120) -> str:
    """One line of a text; the whole of it as the title where it is longer."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return format_html('<span title="{}">{}…</span>', line[:1000], line[: length - 1])
