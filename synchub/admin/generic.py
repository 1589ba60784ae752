"""Unfold's classes as the generic ones that Django's are to mypy: unfold has no types, and neither its classes nor Django's can be
subscripted while running."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.contrib.admin.views.main import ChangeList
    from django.forms import BaseInlineFormSet as InlineFormSet
    from django.forms import ModelForm
else:
    from django import forms
    from unfold import admin
    from unfold.forms import PaginationInlineFormSet
    from unfold.views import ChangeList

    class _Subscriptable:
        def __class_getitem__(cls, _):
            return cls

    class ModelAdmin(_Subscriptable, admin.ModelAdmin):
        pass

    class StackedInline(_Subscriptable, admin.StackedInline):
        pass

    class TabularInline(_Subscriptable, admin.TabularInline):
        pass

    class InlineFormSet(_Subscriptable, PaginationInlineFormSet):
        pass

    class ModelForm(_Subscriptable, forms.ModelForm):
        pass


__all__ = ["ChangeList", "InlineFormSet", "ModelAdmin", "ModelForm", "StackedInline", "TabularInline"]
