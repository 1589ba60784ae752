"""An input for what is never sent back in a page."""

from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from django.forms import PasswordInput as _PasswordInput
else:
    from unfold.widgets import UnfoldAdminPasswordWidget as _PasswordInput


class SecretInput(_PasswordInput):
    """Empty in each page. Where that takes from a person what they have typed, because something else was refused, it says so:
    they would save once more and believe the new secret to be stored."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password"})

    def render(self, name: str, value: Any, *args: Any, **kwargs: Any) -> SafeString:
        shown = super().render(name, value, *args, **kwargs)
        if not value:
            return shown
        return format_html(
            '{}<p class="hub-problem" role="alert">Enter it once more: what you typed is not stored yet, and no page '
            "shows it.</p>",
            shown,
        )
