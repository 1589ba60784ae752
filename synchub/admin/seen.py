"""Two people at one page: what somebody was shown is marked and comes back with what they save, so that nobody writes over what
another has saved meanwhile without knowing."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.crypto import salted_hmac

from synchub.admin.words import duration

NAME = "hub-seen"
"""What the mark is called among the inputs."""
ROW_GONE = "A row of this page was removed meanwhile. Nothing is saved; load the page again to go on from what is there now."


def mark(obj: Model, form: Any, formsets: Sequence[Any]) -> str:
    """Of what the inputs of a page hold as it is stored: the object's own and those of its rows. Other columns, which the hub
    itself writes, do not count. Keyed, so that nobody can guess at what a page does not show."""
    shown: list[Any] = [model_to_dict(obj, form._meta.fields, form._meta.exclude)]
    for formset in formsets:
        inputs = formset.form.base_fields
        names = [one.attname for one in formset.model._meta.concrete_fields if one.name in inputs]
        rows = formset.model._default_manager.filter(**{formset.fk.name: obj})
        shown += [formset.model._meta.label, *rows.order_by("pk").values_list("pk", *names)]
    return salted_hmac(NAME, repr(shown)).hexdigest()[:16]


def told(obj: Model) -> str:
    """For one who saves what has another mark by now."""
    last = (
        LogEntry.objects.filter(content_type=get_content_type_for_model(obj), object_id=str(obj.pk))
        .select_related("user")
        .order_by("-pk")
        .first()
    )
    who = ""
    if last is not None:
        passed = duration((timezone.now() - last.action_time).total_seconds())
        who = f" The last who saved it here: {last.user}, {passed} ago. {last.get_change_message()}"
    return (
        f"This was changed while you had it open, and nothing of yours is saved yet.{who} Open the page once more in another tab to "
        "see what is different. If you save again, what stands here is saved over it."
    )
