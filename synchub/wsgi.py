"""The WSGI entry point."""

import os

import django
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import reset_queries
from django.urls import get_resolver

from synchub import collector
from synchub.request import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")
django.setup(set_prefix=False)
application = Application()
get_resolver().url_patterns  # noqa: B018 — loads all views and admin's pages, for which the first request would wait
# After each request Django closes caches, and before it forgets the queries of the one before: of neither is there any here.
request_finished.disconnect(close_caches)
request_started.disconnect(reset_queries)
collector.spare()
