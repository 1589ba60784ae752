"""The WSGI entry point."""

import os

import django
from django.urls import get_resolver

from synchub import collector
from synchub.request import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")
django.setup(set_prefix=False)
application = Application()
get_resolver().url_patterns  # noqa: B018 — loads all views and admin's pages, for which the first request would wait
collector.spare()
