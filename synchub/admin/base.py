"""Base classes of the hub's admin pages.

They are unfold's, with habits of their own: nothing is deleted in bulk, buttons on a record's page are POST forms (a link must
never change anything), and an empty list says what to do next.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from synchub.admin import confirming, seen
from synchub.admin.buttons import Button, Link, may_follow, shown
from synchub.admin.confirming import Confirmation
from synchub.admin.forms import HubForm
from synchub.admin.generic import ChangeList, ModelAdmin

M = TypeVar("M", bound=Model)


class HubChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        pages: Any = self.model_admin
        pages.prepare(list(self.result_list))
        if self.full_result_count is None:  # was not counted; without “show all” in the heading
            self.full_result_count = self.result_count


class HubAdmin(ModelAdmin[M]):
    form = HubForm  # type: ignore[assignment]
    buttons: Sequence[Button] = ()
    kept_secret: frozenset[str] = frozenset()
    """Fields that no page shows. Lists cannot be filtered by them either, since that would reveal them letter by letter."""
    empty_text = ""
    """What to do where the list is still empty, as a sentence."""

    change_list_template = "synchub/admin/change_list.html"
    delete_confirmation_template = "synchub/admin/delete_confirmation.html"
    change_form_outer_before_template = "synchub/admin/buttons.html"
    change_form_before_template = "synchub/admin/seen.html"
    list_per_page = 50
    compressed_fields = False
    list_filter_sheet = False
    warn_unsaved_form = True

    class Media:
        js = ("synchub/rows.js", "synchub/token.js", "synchub/wrong.js", "synchub/logged_out.js")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HubChangeList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        field, _, _ = lookup.partition("__")
        return field not in self.kept_secret and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Handles two who save at the same moment: the form is checked again, and says what collides."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            request._messages = default_storage(request)  # type: ignore[attr-defined]  # nothing that the messages report was done
            return super().changeform_view(request, *args, **kwargs)

    def prepare(self, rows: Sequence[M]) -> None:
        """Looks up, for all rows at once, what the page shows beside their fields."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M | None:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            self.prepare([found])
        return found

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether this person may press buttons here, also where the rows themselves cannot be edited."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def offers(self, button: Button, obj: M) -> bool:
        """Whether the button makes sense for this record as it is now."""
        return True

    def detail(self, button: Button, obj: M) -> str:
        """What a person should see before answering the question, if the text is not enough."""
        return ""

    def named(self, obj: M) -> str:
        """What a question is about."""
        return str(obj)

    def links(self, obj: M) -> list[Link]:
        return []

    def beside(self, request: HttpRequest, obj: M | None) -> dict[str, Any]:
        """Further context for the page's template; `obj` is None on the page to add one."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        context |= self.beside(request, obj)
        request.session.modified = True  # renews the session: nobody is logged out in the middle of a form
        if obj is not None and obj.pk:
            offered = [button for button in self.buttons if self.offers(button, obj)]
            if self.has_operate_permission(request):
                context["buttons"] = [shown(button, self._url("do", obj, button.name)) for button in offered]
            context["links"] = [one for one in self.links(obj) if may_follow(request.user, one)]
            context["seen_name"], context["seen"] = seen.NAME, getattr(context["adminform"].form, "seen", "")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_form(self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any) -> Any:  # fmt: skip
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if hasattr(form, "seen") and obj is not None and change and self.has_change_permission(request, obj):
            inlines = self.get_inline_instances(request, obj)
            form.seen = seen.mark(obj, form, [inline.get_formset(request, obj) for inline in inlines])
        return form

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(self.press)
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        return [path("<path:object_id>/do/<slug:name>/", do, name=name), *super().get_urls()]

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Carries out a button, after a question if the button has one, and notes it in the record's history."""
        obj = self.get_object(request, object_id)
        button = next((known for known in self.buttons if known.name == name), None)
        if obj is None or button is None:
            messages.warning(request, "That is not there any more.")
            return redirect(self._list_url())
        page = self._url("change", obj)
        if not self.has_operate_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return redirect(page)
        if not self.offers(button, obj):
            messages.warning(
                request, f"“{button.label}” is no longer possible: things have changed meanwhile."
            )
            return redirect(page)
        if button.confirm and "confirmed" not in request.POST:
            confirmation = Confirmation(
                button.label,
                button.confirm,
                self.named(obj),
                cancel_url=page,
                reason=button.reason,
                detail=self.detail(button, obj),
            )
            return self.ask(request, confirmation)
        answer: HttpResponse | None = getattr(self, button.name)(request, obj)
        reason = request.POST.get("reason", "").strip() if button.reason else ""
        self.log_change(request, obj, f"Pressed “{button.label}”{f': {reason}' if reason else ''}.")
        return answer or redirect(page)

    def ask(self, request: HttpRequest, confirmation: Confirmation) -> HttpResponse:
        return confirming.page(request, self.admin_site, self.opts, confirmation)

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _url(self, what: str, obj: M, *more: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}", args=[obj.pk, *more])


class ReadOnlyAdmin(HubAdmin[M]):
    """Rows that the hub writes itself: they can be looked at, not edited."""

    warn_unsaved_form = False
    compressed_fields = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False
