"""Settings: one file, everything from the environment.

Without any variable the house runs as a demo: its own folder, loopback addresses only, mail as
files. FOTORUNDAN_MODE=production asks for real values and refuses unsafe ones.
docs/reference/settings.md lists every variable.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.headers import Headers

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from enrolment import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# --- Mode and folders ---------------------------------------------------------------------------
MODE = environment.text("FOTORUNDAN_MODE", "demo")
if MODE not in {"demo", "production"}:
    raise ImproperlyConfigured(f"FOTORUNDAN_MODE must be demo or production, not {MODE!r}.")
DEMO = MODE == "demo"
PRODUCTION = not DEMO
DEBUG = False

VAR = BASE_DIR / "var"
if PRODUCTION:
    environment.text("FOTORUNDAN_DATA")
DATA_DIR = environment.folder("FOTORUNDAN_DATA", VAR / "demo")
KEYS_DIR = environment.folder("FOTORUNDAN_KEYS", DATA_DIR / "keys")
PHOTO_DIR = environment.folder("FOTORUNDAN_PHOTOS", DATA_DIR / "photos")
HANDOVER_DIR = environment.folder("FOTORUNDAN_HANDOVER", DATA_DIR / "handover")
SIGNER_DIR = environment.folder("FOTORUNDAN_SIGNER", DATA_DIR / "signer")
FOTORUNDAN_MODELS = environment.folder("FOTORUNDAN_MODELS", VAR / "models")
VENDOR_DIR = VAR / "vendor"
ICONS_DIR = VAR / "icons"
FONTS_DIR = VAR / "fonts"

# --- Security -----------------------------------------------------------------------------------
SECRET_KEY = environment.secret(
    "FOTORUNDAN_SECRET_KEY", None if PRODUCTION else DATA_DIR / "secret"
)
ALLOWED_HOSTS = environment.names("FOTORUNDAN_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("FOTORUNDAN_SECRET_KEY must hold at least 50 characters.")
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("FOTORUNDAN_HOSTS must name the hosts, never *.")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = environment.switch("FOTORUNDAN_BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "blob:", "data:"],
    "media-src": [CSP.SELF, "blob:"],
    "connect-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["enrolment.people.authentication.Accounts"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "people:log_in"
LOGIN_REDIRECT_URL = "desk:start"
LOGOUT_REDIRECT_URL = "people:log_in"

# --- The rooms ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_q",
    "enrolment.audit",
    "enrolment.messages",
    "enrolment.people",
    "booking",
    "photos",
    "enrolment.cards",
    "enrolment.reports",
    "enrolment.desk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "enrolment.middleware.house_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "enrolment.middleware.federation_wall",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "enrolment.middleware.way_on",
]
ROOT_URLCONF = "enrolment.urls"
WSGI_APPLICATION = "enrolment.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "enrolment.desk.context.house",
            ],
            "builtins": ["enrolment.desk.templatetags.house", "django.templatetags.i18n"],
        },
    }
]

# --- Database and queue -------------------------------------------------------------------------
DATABASES = {"default": environment.database("DATABASE_URL", DATA_DIR / "fotorundan.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
Q_CLUSTER = {
    "name": "fotorundan",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "timeout": 120,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 5,
    "save_limit": 250,
    "bulk": 1,
    "catch_up": False,
    "daemonize_workers": False,
}
JOBS_INLINE = False
JOBS_EACH_MINUTE = [
    "enrolment.messages.tasks.send_waiting",
    "booking.tasks.release_slots",
    "booking.tasks.share_out_due",
    "booking.tasks.expire_offers",
    "booking.tasks.send_reminders",
    "booking.tasks.fetch_all_travel_times",
    "booking.tasks.plan_waiting",
    "photos.tasks.assess_waiting",
    "photos.tasks.open_waiting",
    "photos.tasks.destroy_keys",
    "photos.tasks.retire_old_photos",
    "enrolment.cards.tasks.build_waiting",
    "enrolment.cards.tasks.take_receipts",
    "enrolment.cards.tasks.raise_alarms",
    "enrolment.cards.tasks.warn_expiring",
    "enrolment.audit.tasks.anchor_logs",
]


# --- Mail ---------------------------------------------------------------------------------------
def _smtp() -> dict[str, object]:
    user = environment.text("FOTORUNDAN_SMTP_USER", "")
    return {
        "host": environment.text("FOTORUNDAN_SMTP_HOST"),
        "port": environment.number("FOTORUNDAN_SMTP_PORT", 587),
        "username": user,
        "password": environment.secret("FOTORUNDAN_SMTP_PASSWORD", None) if user else "",
        "use_tls": environment.switch("FOTORUNDAN_SMTP_TLS", True),
        "timeout": 30,
    }


if PRODUCTION:
    _MAILER = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": _smtp()}
else:
    _MAILER = {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": DATA_DIR / "mail"},
    }
MAILERS = {"default": _MAILER}
DEFAULT_FROM_EMAIL = (
    environment.text("FOTORUNDAN_MAIL_FROM") if PRODUCTION else "fotorundan@demo.example"
)


# --- SMS ----------------------------------------------------------------------------------------
def _sms() -> dict[str, Any]:
    """Return what enrolment/messages/sms.py is told of the gateway; nothing without an address."""
    url = environment.text("FOTORUNDAN_SMS_URL", "")
    if not url:
        return {}
    where = urlsplit(url)
    here = where.scheme == "http" and where.hostname in {"localhost", "127.0.0.1", "::1"}
    if not (here or (where.scheme == "https" and where.hostname)) or where.username:
        raise ImproperlyConfigured("FOTORUNDAN_SMS_URL must be https, or http on this machine.")
    way = environment.text("FOTORUNDAN_SMS_WAY", "form")
    if way not in {"form", "json"}:
        raise ImproperlyConfigured(f"FOTORUNDAN_SMS_WAY must be form or json, not {way!r}.")
    fields = environment.names("FOTORUNDAN_SMS_FIELDS", "from,to,message")
    if len(set(fields)) != 3:
        raise ImproperlyConfigured("FOTORUNDAN_SMS_FIELDS must name three fields.")
    names = dict(zip(("sender", "to", "text"), fields, strict=True))
    sent_by = environment.text("FOTORUNDAN_SMS_FROM")
    return {"url": url, "sent_by": sent_by, "way": way, **names, **_sms_log_in()}


def _sms_log_in() -> dict[str, str]:
    if user := environment.text("FOTORUNDAN_SMS_USER", ""):
        return {"user": user, "password": environment.secret("FOTORUNDAN_SMS_PASSWORD", None)}
    token = "FOTORUNDAN_SMS_TOKEN"  # noqa: S105 a name
    if environment.text(token, "") or environment.text(f"{token}_FILE", ""):
        return {"token": environment.secret(token, None)}
    return {}


SMS_GATEWAY: dict[str, Any] = _sms()

# --- Travel times -------------------------------------------------------------------------------
# Off unless an address is given: a routing engine is told where the units are.
OSRM_URL = environment.text("FOTORUNDAN_OSRM", "")
VALHALLA_URL = environment.text("FOTORUNDAN_VALHALLA", "")

# --- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska")]
LOCALE_PATHS = [BASE_DIR / "enrolment" / "locale"]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True

# --- What all processes of this machine count together -----------------------------------------
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# --- Static files and uploads -------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "enrolment" / "static", VENDOR_DIR]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "enrolment.staticfiles.HashedModules"},
}


# WhiteNoise answers before the policy above is laid on. A page's scripts need none of their own,
# but a worker has the policy of its file: it may run the models, and reach nothing but us.
def _policy_of_workers(headers: Headers, path: str, _url: str) -> None:
    if path.endswith(".js"):
        headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
        )


WHITENOISE_ADD_HEADERS_FUNCTION = _policy_of_workers
UPLOAD_LIMIT = 15 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT + 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "enrolment.blanking.BlankedFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django-q": {"level": "INFO"}},
}
