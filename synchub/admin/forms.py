"""Base classes of the forms on the hub's pages, and of the rows inside them: who saves what somebody else has saved meanwhile is
told first."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.utils import pretty_name
from django.utils.text import capfirst

from synchub.admin import alike, seen
from synchub.admin.generic import InlineFormSet, ModelForm, StackedInline, TabularInline

M = TypeVar("M", bound=Model)
Child = TypeVar("Child", bound=Model)
Parent = TypeVar("Parent", bound=Model)
RowForm = TypeVar("RowForm", bound=ModelForm[Any])


class HubForm(ModelForm[M]):
    seen = ""
    """The mark of what is stored now, where the form is that of a whole page."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.seen and self.data.get(seen.NAME, self.seen) != self.seen:
            self.add_error(None, seen.told(self.instance))
        return cleaned


class HubFormSet(InlineFormSet[Child, Parent, RowForm]):
    def add_fields(self, form: RowForm, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():  # in a table only the columns have names to be seen
            widget: Any = getattr(field.widget, "widget", field.widget)  # admin wraps the inputs of relations
            widget.attrs.setdefault("aria-label", capfirst(field.label or pretty_name(name)))

    def clean(self) -> None:
        if not alike.told(self):
            super().clean()
        if any(form.instance.pk is None for form in self.initial_forms if form not in self.deleted_forms):
            raise ValidationError(seen.ROW_GONE)


class HubInline(TabularInline[Child, Parent]):
    formset = HubFormSet  # type: ignore[assignment]  # whose rows is said where it is used
    extra = 0


class HubStacked(StackedInline[Child, Parent]):
    """For rows with more than a line of fields."""

    formset = HubFormSet  # type: ignore[assignment]  # whose rows is said where it is used
    extra = 0
