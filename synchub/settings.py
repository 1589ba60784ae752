"""The only settings file. Whatever differs between installations is an environment variable.

A bad or missing value stops the start, with a message that names all variables at fault.
"""

from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dj_database_url
from environs import Env, EnvValidationError, validate

from synchub import variables

BASE_DIR = Path(__file__).resolve().parent.parent


env = Env(eager=False)

DEBUG = env.bool("HUB_DEBUG", False)
SECRET_KEY = env.str("HUB_SECRET_KEY", validate=validate.Length(min=32))
HUB_ENCRYPTION_KEYS: list[str] = env.list(
    "HUB_ENCRYPTION_KEYS", subcast=str.strip, validate=variables.are_fernet_keys
)
_database = env.str("DATABASE_URL", validate=variables.is_postgresql)
REDIS_URL = env.str("REDIS_URL", validate=variables.is_redis)
ALLOWED_HOSTS: list[str] = env.list(
    "HUB_ALLOWED_HOSTS",
    ["127.0.0.1", "localhost", "[::1]"],
    subcast=str.strip,
    validate=validate.Length(min=1),
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list(
    "HUB_CSRF_TRUSTED_ORIGINS", [], subcast=str.strip, validate=variables.are_origins
)
HUB_HTTPS = env.bool("HUB_HTTPS", False)
_proxies: list[str] = env.list("HUB_TRUSTED_PROXIES", [], subcast=str.strip, validate=variables.are_networks)
TIME_ZONE = env.str("HUB_TIME_ZONE", "UTC", validate=variables.is_time_zone)
LOG_LEVEL = env.str("HUB_LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))

# The API's own limits. Sizes in bytes, times in seconds.
API_BASE_PATH = env.str("HUB_API_BASE_PATH", "bj_api_sync/v1", validate=validate.Regexp(r"^[\w\-/]*[\w\-]$"))
API_MAX_BODY = env.int("HUB_API_MAX_BODY", 16 * 1024 * 1024, validate=validate.Range(min=1024))
API_MAX_ITEMS = env.int("HUB_API_MAX_ITEMS", 1000, validate=validate.Range(min=1))
API_MAX_LIMIT = env.int("HUB_API_MAX_LIMIT", 1000, validate=validate.Range(min=1))
API_COMPRESS_FROM = env.int("HUB_API_COMPRESS_FROM", 1400, validate=validate.Range(min=0))  # bytes; 0: never
API_STATEMENT_TIMEOUT = env.int("HUB_API_STATEMENT_TIMEOUT", 15, validate=validate.Range(min=1))
# The most seconds that `Prefer: wait` may ask for, and how many requests of a web process may wait at once. These have to be
# fewer than its threads, or it answers nobody else meanwhile.
API_MAX_WAIT = env.int("HUB_API_MAX_WAIT", 30, validate=validate.Range(min=0, max=300))
API_WAITING = env.int("HUB_API_WAITING", 3, validate=validate.Range(min=1))
API_WAIT_FOR_ID = env.float("HUB_API_WAIT_FOR_ID", 10.0, validate=validate.Range(min=0, max=60))

# The engine's policies.
PUSH_BATCH = env.int("HUB_PUSH_BATCH", 200, validate=validate.Range(min=1, max=2000))
PULL_PAGE = env.int("HUB_PULL_PAGE", 1000, validate=validate.Range(min=1, max=5000))
# How long a dead worker holds what it had claimed. A living one renews its lease, however long Odoo takes.
LEASE = env.int("HUB_LEASE", 30, validate=validate.Range(min=3))
SWEEP_EVERY = env.int("HUB_SWEEP_EVERY", 30, validate=validate.Range(min=1))
DELETIONS_EVERY = timedelta(seconds=env.int("HUB_DELETIONS_EVERY", 600, validate=validate.Range(min=10)))
DELETIONS_BRAKE = env.float("HUB_DELETIONS_BRAKE", 0.1, validate=validate.Range(min=0, max=1))
# In the local time of each connection. Empty: mirrors are compared with Odoo only when somebody asks for it.
AUDIT_AT: time | None = (
    env.time("HUB_AUDIT_AT", time(2, 30)) if env.str("HUB_AUDIT_AT", "02:30").strip() else None
)
KEEP_ANSWERS_HOURS = env.int("HUB_KEEP_ANSWERS_HOURS", 24, validate=validate.Range(min=1))
KEEP_DELETED_DAYS = env.int("HUB_KEEP_DELETED_DAYS", 30, validate=validate.Range(min=1))
# The audit log: how long successes and failures are kept, and how many characters of a body (0: none).
KEEP_EXCHANGES_DAYS = env.int("HUB_KEEP_EXCHANGES_DAYS", 14, validate=validate.Range(min=1))
KEEP_FAILURES_DAYS = env.int("HUB_KEEP_FAILURES_DAYS", 30, validate=validate.Range(min=1))
EXCHANGE_BODY = env.int("HUB_EXCHANGE_BODY", 10_000, validate=validate.Range(min=0, max=1_000_000))
EXCHANGE_READS = env.bool("HUB_EXCHANGE_READS", True)
EXCHANGE_READ_BODIES = env.bool("HUB_EXCHANGE_READ_BODIES", False)
# Names whose values are hidden in it, besides the usual names of secrets.
EXCHANGE_SECRETS: list[str] = env.list("HUB_EXCHANGE_SECRETS", [], subcast=str.strip)
KEEP_RUNS_DAYS = env.int("HUB_KEEP_RUNS_DAYS", 30, validate=validate.Range(min=1))
# How long a push can be undone; 0: not at all.
UNDO_DAYS = env.int("HUB_UNDO_DAYS", 7, validate=validate.Range(min=0))

try:
    env.seal()
except EnvValidationError as error:
    # People who start a program need to know what to correct, not a traceback.
    said: Any = error.error_messages
    wrong = [f"  {name}: {' '.join(map(str, messages))}" for name, messages in sorted(said.items())]
    raise SystemExit(
        "The hub does not start: environment variables are missing or wrong (docs/production.md tells of each).\n"
        + "\n".join(wrong)
    ) from None

# Addresses of proxies whose X-Forwarded-For is believed.
TRUSTED_PROXIES = tuple(ip_network(text) for text in _proxies)

# Django wants the backend's name; psycopg 3 is the only one supported.
_parsed: dict[str, Any] = {**dj_database_url.parse(_database, conn_max_age=None)}
DATABASES: dict[str, Any] = {
    "default": _parsed
    | {
        "ENGINE": "synchub.postgres",
        "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": True,
        # Options in the URL (?sslmode=verify-full) take precedence.
        "OPTIONS": {
            "application_name": "synchub",
            "connect_timeout": 5,
            # If the other machine vanishes, the kernel would notice only after two hours.
            "keepalives_idle": 20,
            "keepalives_interval": 5,
            "keepalives_count": 4,
            "tcp_user_timeout": 40_000,
            # At once; only what asks for it is prepared at all (synchub.postgres).
            "prepare_threshold": 0,
        }
        | _parsed.get("OPTIONS", {}),
    }
}

INSTALLED_APPS = [
    "unfold",
    # Its pages are loaded with the URLs. Workers have none, and start in four fifths of the time.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular_sidecar",  # Swagger UI's files, nothing else
    "django_celery_beat",
    "synchub.audit",
    "synchub.sync",
    "synchub.bench",
    "synchub.torture",
    "mappings",
    "endpoints",
]

MIDDLEWARE = [
    "synchub.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "synchub.pages.Sessions",
    "django.middleware.common.CommonMiddleware",
    "synchub.pages.Forms",
    "synchub.pages.Logins",
    "synchub.pages.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "synchub.urls"
WSGI_APPLICATION = "synchub.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Takes precedence over the apps' templates, the first of which are unfold's.
        "DIRS": [BASE_DIR / "synchub" / "audit" / "over_unfold"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Files are served from the packages unless `collectstatic` was run, as in the image.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
WHITENOISE_AUTOREFRESH = False

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "endpoints.api.errors.exception_handler",
}

# Django reads no more of a body than the API allows. The API itself answers 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BODY
# The page of a mapping has two dozen inputs for each line.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HUB_HTTPS
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HUB_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HUB_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
# Messages only wake workers; the truth is in the outbox. A lost message costs no more than a sweep's delay.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker that Redis refuses something, for example because it is full, connects again instead of ending.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 30}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ROUTES = {
    "synchub.sync.tasks.push": {"queue": "push"},
    "synchub.sync.tasks.pull": {"queue": "pull"},
    "synchub.sync.tasks.read_touched": {"queue": "pull"},
    "synchub.sync.tasks.sweep_deletions": {"queue": "pull"},
    "synchub.sync.tasks.run": {"queue": "pull"},
    "synchub.sync.tasks.*": {"queue": "housekeeping"},
}
# A message expires at a time by its sender's clock, which the receiver compares with its own. The clocks of two machines may
# differ by so many seconds.
CLOCKS_APART = 900
# Tasks whose times people may change are rows, shown in admin. The tasks here keep the hub going.
CELERY_BEAT_SCHEDULER = "synchub.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # `expires` keeps wake-ups from piling up while there is no worker.
    "sweep": {
        "task": "synchub.sync.tasks.sweep",
        "schedule": SWEEP_EVERY,
        "options": {"expires": SWEEP_EVERY + CLOCKS_APART},
    },
    "start-due-pulls": {
        "task": "synchub.sync.tasks.start_due_pulls",
        "schedule": 2,
        "options": {"expires": 2 + CLOCKS_APART},
    },
    "put-counts-together": {
        "task": "synchub.sync.tasks.put_counts_together",
        "schedule": 3,
        "options": {"expires": 3 + CLOCKS_APART},
    },
    "start-due-sweeps": {
        "task": "synchub.sync.tasks.start_due_sweeps",
        "schedule": 10,
        "options": {"expires": 10 + CLOCKS_APART},
    },
    "start-due-audits": {
        "task": "synchub.sync.tasks.start_due_audits",
        "schedule": 15,
        "options": {"expires": 15 + CLOCKS_APART},
    },
}

_OF_EACH_TASK = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
_WORTH_A_LINE = "ERROR" if LOG_LEVEL == "ERROR" else "WARNING"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "synchub.middleware.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # These log each task when it is sent, taken and done, which for some is every two seconds.
        **({} if LOG_LEVEL == "DEBUG" else {name: {"level": _WORTH_A_LINE} for name in _OF_EACH_TASK}),
    },
}

UNFOLD = {
    "SITE_TITLE": "Sync hub",
    "SITE_HEADER": "Sync hub",
    "SITE_SUBHEADER": "between Odoo and everything else",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "STYLES": ["synchub.admin.site.stylesheet"],
    "SCRIPTS": ["synchub.admin.site.once", "synchub.admin.site.keyboard"],
    "DASHBOARD_CALLBACK": "endpoints.admin.dashboard.context",
    "SIDEBAR": {"navigation": "endpoints.admin.navigation.groups"},
}
