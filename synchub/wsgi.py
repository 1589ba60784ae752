"""The WSGI entry point."""

import os

import django

from synchub import collector
from synchub.request import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")
django.setup(set_prefix=False)
application = Application()
collector.spare()
