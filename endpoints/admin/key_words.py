"""The state of an access key, in one word."""

from django.utils.safestring import SafeString

from endpoints.models import AccessKey
from synchub.admin.words import Look, ago, badge, due

_LOOKS: dict[str, tuple[str, Look]] = {
    "good": ("good", "success"),
    "off": ("revoked", ""),
    "expired": ("expired", "danger"),
    "soon": ("expires soon", "warning"),
    "nothing": ("opens nothing", "warning"),
}


def state_of(key: AccessKey) -> str:
    if not key.enabled:
        return "off"
    if key.is_expired:
        return "expired"
    if not key.grants.all():
        return "nothing"
    return "soon" if key.expires_soon else "good"


def key_badge(key: AccessKey) -> SafeString:
    text, look = _LOOKS[state_of(key)]
    return badge(text, look)


def expiry(key: AccessKey) -> str:
    if key.expires_at is None:
        return "never"
    return ago(key.expires_at) if key.is_expired else due(key.expires_at)
