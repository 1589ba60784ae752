"""Rows that ask a person something: each has a page of its own in the place of a form."""

from typing import Any, TypeVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from synchub.admin.base import ReadOnlyAdmin

M = TypeVar("M", bound=Model)


class QuestionAdmin(ReadOnlyAdmin[M]):
    question_template = ""

    def question(self, request: HttpRequest, obj: M) -> dict[str, Any]:
        """What the template shows; `title` is the question itself."""
        raise NotImplementedError

    def answered(self, request: HttpRequest, obj: M) -> HttpResponse:
        """What a person with the right to has posted."""
        raise NotImplementedError

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            # Its form says what to do about a row that is not there.
            return super().change_view(request, object_id, *args, **kwargs)
        if request.method == "POST":
            if not self.has_operate_permission(request):
                raise PermissionDenied
            return self.answered(request, obj)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            **self.question(request, obj),
        }
        return TemplateResponse(request, self.question_template, context)
