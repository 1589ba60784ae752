"""A secret that is shown this once: it goes from memory into the next page and is kept nowhere."""

from django.utils.html import format_html


def shown_once(label: str, secret: str) -> str:
    return format_html(
        "{0}. Copy it now: it is shown this once only, and cannot be read back."
        '<span class="hub-secret"><input readonly value="{1}" aria-label="{0}" onfocus="this.select()">'
        '<button type="button" onclick="const it = this.previousElementSibling, done = () => this.textContent = \'Copied\'; '
        # Without https browsers have no clipboard for pages.
        "navigator.clipboard ? navigator.clipboard.writeText(it.value).then(done) "
        ": (it.select(), document.execCommand('copy') && done())\">Copy</button></span>",
        label,
        secret,
    )
