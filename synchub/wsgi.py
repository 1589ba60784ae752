"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from synchub import collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")
application = get_wsgi_application()
collector.spare()
