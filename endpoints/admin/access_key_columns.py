"""What lists and pages of access keys show beside their fields."""

from itertools import chain

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from endpoints.admin import key_words
from endpoints.models import AccessGrant, AccessKey
from endpoints.models.grant_problems import problems
from synchub.admin.words import NOTHING, ago, due, link


class AccessKeyColumns:
    @admin.display(description="opens")
    def opens_what(self, obj: AccessKey) -> str:
        found = [
            (
                link(reverse("admin:endpoints_endpoint_change", args=[grant.endpoint_id]), grant.endpoint),
                _less(grant),
            )
            for grant in obj.grants.all()
        ]
        return format_html_join(", ", "{}{}", found) or NOTHING

    @admin.display(description="is")
    def how(self, obj: AccessKey) -> str:
        return f"login {obj.login}" if obj.login else "token"

    @admin.display(description="state")
    def state(self, obj: AccessKey) -> str:
        return key_words.key_badge(obj)

    @admin.display(description="expires", ordering="expires_at")
    def expires(self, obj: AccessKey) -> str:
        return key_words.expiry(obj)

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, obj: AccessKey) -> str:
        if obj.last_used_at is None:
            return "never"
        return format_html("{} from {}", ago(obj.last_used_at), obj.last_used_from)

    @admin.display(description="old secret")
    def old_secret_until(self, obj: AccessKey) -> str:
        if not obj.has_old_secret or obj.old_until is None:
            return "none: only the present one opens"
        return format_html("works too; ends {}", due(obj.old_until))

    @admin.display(description="belongs to")
    def belongs_to(self, obj: AccessKey) -> str:
        if obj.endpoint is None:
            return "no endpoint alone: it may open several"
        page = link(reverse("admin:endpoints_endpoint_change", args=[obj.endpoint_id]), obj.endpoint)
        return format_html("endpoint {}: it opens that one and no other", page)

    @admin.display(description="no longer fits")
    def no_longer_fits(self, obj: AccessKey) -> str:
        """What the grants name that the mapping no longer has: a key that was renamed is not opened by its old name."""
        found = [
            (grant.endpoint, text)
            for grant in obj.grants.all()
            for text in chain.from_iterable(problems(grant).values())
        ]
        return format_html_join(" ", "At {}: {}", found) or "nothing"


def _less(grant: AccessGrant) -> str:
    """Which parts of the endpoint it opens only partly."""
    some = [
        word
        for word, is_less in (
            ("methods", grant.methods),
            ("keys", grant.read or grant.write),
            ("rows", (grant.domain.strip() or "[]") != "[]"),
        )
        if is_less
    ]
    return f" (some {', '.join(some)})" if some else ""
