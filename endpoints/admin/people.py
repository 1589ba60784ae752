"""Who may log in: Django's users and groups, in unfold's forms."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from synchub.admin.base import HubAdmin
from synchub.admin.forms import HubForm

admin.site.unregister(User)
admin.site.unregister(Group)


class PersonForm(HubForm[User], UserChangeForm):  # type: ignore[misc]  # unfold has no types
    pass


@admin.register(User)
class PersonAdmin(BaseUserAdmin, HubAdmin[User]):  # type: ignore[type-arg, misc]  # generic in one of two stubs
    form = PersonForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    readonly_fields = ("last_login", "date_joined")  # nobody edits these


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, HubAdmin[Group]):
    empty_text = "No groups yet. A group holds permissions that several users share, for people who may look but not change."
