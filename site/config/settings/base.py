"""What all environments share. dev, demo, test and production state only how they differ."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from config import environment, logs

BASE_DIR = Path(__file__).resolve().parents[3]
VAR_DIR = BASE_DIR / "var"
ROLE = environment.role()

# --- Apps ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "operations",
    "accounts",
    "reporting",
    "events",
    "articles",
    "home",
    "search",
    "work",
    "wagtail_localize",
    "wagtail_localize.locales",  # replaces wagtail.locales
    "wagtail.contrib.settings",
    "config.wagtail_apps.RedirectsConfig",  # wagtail.contrib.redirects
    "wagtail.embeds",
    "wagtail.sites",
    "accounts.wagtail_users.UsersConfig",  # wagtail.users
    "config.wagtail_apps.SnippetsConfig",  # wagtail.snippets
    "config.wagtail_apps.DocumentsConfig",  # wagtail.documents
    "config.wagtail_apps.ImagesConfig",  # wagtail.images
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_q",
    "captcha",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "home.page_cache.PageCacheMiddleware",  # the first: what it answers costs nothing else
    "operations.middleware.TrafficMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Bad lines: a page shrinks to a quarter. Django pads against guessing by length (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.HeadersMiddleware",
    # Outside whatever may turn a request away: the session, the second factor, the database.
    "reporting.middleware.WordsComeBackMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------


def database(default_path: Path) -> dict[str, Any]:
    """The database of DATABASE_URL, or SQLite at the given path."""
    url = environment.text("DATABASE_URL") or f"sqlite:///{default_path}"
    config: dict[str, Any] = {
        **dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    }
    if config["ENGINE"].endswith("postgresql"):
        # While no server answers, the form keeps what was typed; nobody should wait long for that.
        config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    if config["ENGINE"].endswith("sqlite3"):
        # Write-ahead log and immediate transactions let many writers queue up instead of failing;
        # synchronous=FULL keeps a report that was acknowledged through a power cut.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    return config


DATABASES = {"default": database(VAR_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache --------------------------------------------------------------------------------------

# What several processes must agree on needs a cache that they share: without REDIS_URL, and while
# Redis is away, each process has one of its own (home.shared_cache says what that means).
REDIS_URL = environment.text("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        **(
            {"BACKEND": "home.shared_cache.SharedCache", "LOCATION": REDIS_URL}
            if REDIS_URL
            else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        ),
        "KEY_PREFIX": "mekong",
        "KEY_FUNCTION": "home.cache_keys.keyed",
        # Of a process's own memory. To push counters out of it would be a way to go on guessing.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Wagtail would keep whole rows of pictures; they are read from the database.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# Public pages are kept whole in each process (home.page_cache).
KEEP_PAGES = True

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "home.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The link of an invitation or of a new password works once, and within this time.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
SESSION_COOKIE_AGE = 8 * 60 * 60  # one working day, counted from the sign-in
SESSION_IDLE_AGE = 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"

# --- Sign-in ------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"

# Proxies of ours in front of this process: whose word is taken for where somebody comes from.
TRUSTED_PROXIES = int(environment.text("TRUSTED_PROXIES", "0"))

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # asked by allauth; nobody signs up here
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# Addresses are kept on the person alone; allauth's own token would look at a table of its own.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
}
# "key" is a user name or a mail address, "ip" the hash of a network (accounts/guessing.py).
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,20/10m/key",
    "second_factor": "5/5m/key,30/d/key",
    "reset_password": "20/h/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
# Seconds for which a factor that was shown counts, before what weighs much asks for it again.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # no table of addresses, so none is unverified
MFA_TOTP_ISSUER = "NTS-Mekong Watch"
MFA_TOTP_TOLERANCE = 1  # half a minute either way: telephones' clocks differ
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "authenticate_webauthn": "accounts.forms.UseKeyForm",
    "reauthenticate_webauthn": "accounts.forms.UseKeyAgainForm",
    "activate_totp": "accounts.forms.ActivateAppForm",
    "add_webauthn": "accounts.forms.AddKeyForm",
    "edit_webauthn": "accounts.forms.RenameKeyForm",
}

# One person from one network: a guesser elsewhere shuts nobody out, and neither does a colleague.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_HANDLER = "accounts.guessing.CountInCache"
AXES_CLIENT_IP_CALLABLE = "accounts.guessing.network"
AXES_CLIENT_STR_CALLABLE = "accounts.guessing.nobody"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

# --- Mail ---------------------------------------------------------------------------------------

# smtp://user:password@host:587 (STARTTLS) or smtps://…:465; without it no mail is sent.
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_SSL = (
    environment.mail_server("EMAIL_URL")
)
EMAIL_USE_TLS = EMAIL_BACKEND.endswith("smtp.EmailBackend") and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("EMAIL_FROM", "noreply@example.invalid")

# --- LINE ---------------------------------------------------------------------------------------

# Telling people by LINE, for who links it. Staff's processes check what LINE posts with the secret,
# workers send with the token; without them there is no such channel and nothing of it is shown.
LINE_CHANNEL_SECRET = environment.text("LINE_CHANNEL_SECRET")
LINE_CHANNEL_ACCESS_TOKEN = environment.text("LINE_CHANNEL_ACCESS_TOKEN")
LINE_API_URL = environment.server("LINE_API_URL", "https://api.line.me")
# What people look for in LINE to find the project's account, as @…; shown to them.
LINE_BOT_ID = environment.text("LINE_BOT_ID")

# --- Languages and time -------------------------------------------------------------------------

LANGUAGE_CODE = "th"
# The staff's screens, and the whole public site; home.languages.WHOLE names them too.
WAGTAILADMIN_PERMITTED_LANGUAGES = [("th", _("Thai")), ("en", _("English"))]
# Lao and Khmer besides: the report path and the safety pages (docs/languages.md).
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    *WAGTAILADMIN_PERMITTED_LANGUAGES,
    ("lo", _("Lao")),
    ("km", _("Khmer")),
]
# Django ships no Lao, and has the name of Khmer in Latin letters.
LANG_INFO["lo"] = {"bidi": False, "code": "lo", "name": "Lao", "name_local": "ລາວ"}
LANG_INFO["km"] = {"bidi": False, "code": "km", "name": "Khmer", "name_local": "ខ្មែរ"}
WAGTAIL_USER_TIME_ZONES = ["Asia/Bangkok"]  # both sides of the river keep it: nothing to choose
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Bangkok"
WAGTAIL_I18N_ENABLED = True
# Translating a live page would otherwise put an untranslated copy live.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False

# --- Wagtail ------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "NTS-Mekong Watch"
BASE_URL = environment.text("BASE_URL")
WAGTAILADMIN_BASE_URL = BASE_URL or "http://127.0.0.1:8000"
WAGTAIL_ENABLE_UPDATE_CHECK = False  # it would call a server outside
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # it would send mail hashes outside
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Passwords are changed and replaced on the screens of accounts/, which tell the person by mail.
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAILEMBEDS_FINDERS: list[dict] = []  # nothing is fetched from outside


def search_backends(server: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Search asks OpenSearch where there is one, else the database.

    The database's index is kept in both cases: it answers while OpenSearch does not. It comes
    first, so that it is filled first.
    """
    if not server:
        return {"default": {"BACKEND": "search.backends"}}
    return {
        "database": {"BACKEND": "search.backends"},
        "default": {
            "BACKEND": "search.backends.opensearch",
            "HOSTS": [server],
            "INDEX_PREFIX": "mekong_",
            "AUTO_UPDATE": False,  # search.upkeep does it
        },
    }


SEARCH_SERVER = environment.search_server("SEARCH_URL")
WAGTAILSEARCH_BACKENDS = search_backends(SEARCH_SERVER)

# --- Background work ----------------------------------------------------------------------------

TASKS = {"default": {"BACKEND": "work.backend.LedgerBackend"}}
WORK: dict[str, Any] = {
    "timeout": 120,  # seconds that one attempt may take
    "memory": 512,  # MB that one attempt may take beyond what an idle worker holds
    "lease": 180,  # seconds after which a worker that said nothing is thought dead
    "handed": 60,  # seconds after which a job that no worker began is handed over again
    "pause": 15,  # seconds before the second attempt; four times as long before each further one
    "grace": 10,  # seconds that a running task gets when the worker is asked to stop
    # What may take minutes, and how many of those run at a time, on all machines together: fewer
    # than there are workers, so that mail about danger never waits for a film.
    "heavy": [
        "reporting.tasks.clean_attachment",
        "reporting.tasks.make_export",
        "reporting.tasks.reseal_files",
    ],
    "heavy_at_once": max(1, environment.whole("WORK_HEAVY", 1)),
}
# A file that a container's worker touches, for its health check (scripts/healthcheck.py).
WORKER_BEAT = environment.text("WORKER_BEAT")
Q_CLUSTER = {
    "name": "mekong",
    # The ledger (work/) keeps the work; a broker only carries ids.
    "broker_class": "work.brokers.RelayBroker" if REDIS_URL else "work.brokers.LedgerBroker",
    "redis": REDIS_URL,
    "workers": 2,
    "queue_limit": 2,  # what waits in memory may be handed over a second time
    "timeout": 150,  # the ledger's own comes first; this ends what does not listen
    "retry": 180,
    "recycle": 200,
    "max_rss": 600 * 1024,  # KB; a worker that has grown is replaced between two tasks
    "poll": 0.5,
    "scheduler": False,  # the ledger has its own, exact with several workers
    "save_limit": -1,
    "label": "Tasks",
}

# --- Reports ------------------------------------------------------------------------------------

REPORT_PUBLIC_KEYS = environment.text("REPORT_PUBLIC_KEYS")
REPORT_PRIVATE_KEYS = environment.text("REPORT_PRIVATE_KEYS")
# What is typed comes back on the page while something is missing, escaped to six times its length
# and held in memory several times over: fifty times what one report holds is enough.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Files of reporters. A villager's line is slow: a piece is what a broken connection costs.
MB = 1024 * 1024
EVIDENCE: dict[str, Any] = {
    "files": 10,  # of one report
    "file": 100 * MB,
    "report": 200 * MB,
    "all": environment.whole("EVIDENCE_GB", 50) * 1024 * MB,  # cleaned copies take as much again
    "at_once": 40 * MB,  # what a form without JavaScript may send: deploy/nginx lets 48 MB through
    "piece": 256 * 1024,
    # What the process that decodes may use up (reporting.cleaning.limits tells what each is of).
    "limits": {
        "pixels": 50_000_000,
        "edge": 4_000,
        "film_edge": 1_280,
        "film_seconds": 5 * 60,
        "sound_seconds": 60 * 60,
        "pages": 40,
        "streams": 20,
        "bytes": 100 * MB,
        "memory": 1024 * MB,
        "cpu_seconds": 100,
        "seconds": 110,  # less than WORK["timeout"]: a heavy file is refused and not retried
    },
}

CAPTCHA_CHALLENGE_FUNCT = "reporting.captcha.digits_challenge"
CAPTCHA_TIMEOUT = 30  # minutes; five expire while somebody is still writing
CAPTCHA_LENGTH = 5
CAPTCHA_FONT_SIZE = 36
CAPTCHA_LETTER_ROTATION = (-12, 12)
CAPTCHA_FOREGROUND_COLOR = "#14212b"
CAPTCHA_TEST_MODE = False

# --- Files and static ---------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "site" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Editors' files: a private bucket of S3-compatible storage, or the folder above. The classes read
# BUCKET themselves: what they are made with goes into task payloads.
BUCKET = environment.bucket("STORAGE_URL")
FILES = (
    {
        "default": {"BACKEND": "home.bucket.OriginalsInBucket"},
        "renditions": {"BACKEND": "home.bucket.RenditionsInBucket"},
        "evidence": {"BACKEND": "home.bucket.SealedInBucket"},
    }
    if BUCKET
    else {
        "default": {"BACKEND": "home.files.OriginalsInFolder"},
        "renditions": {"BACKEND": "home.files.RenditionsInFolder"},
        "evidence": {"BACKEND": "home.files.SealedInFolder"},
    }
)
# Sealed pieces of reporters' files: beside the folder of media, or below evidence/ in the bucket.
EVIDENCE_ROOT = VAR_DIR / "evidence"
STORAGES = {
    **FILES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WAGTAILIMAGES_RENDITION_STORAGE = "renditions"
WAGTAILDOCS_SERVE_METHOD = "serve_view"  # asks for permission, and stays on this origin

# --- Protection ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    # Below /admin/ config.middleware.HeadersMiddleware sets others, and says why.
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Nothing that could identify a reporter may reach a log: no request objects, no addresses, no
# access log (site/config/gunicorn.py), no error mail with request data. What is logged all the
# same goes through config.logs, whatever logger it comes from.
LOG_LEVEL = environment.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_FORMAT = environment.choice("LOG_FORMAT", logs.default_format(), ["plain", "json"])
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "config.logs.Plain"},
        "json": {"()": "config.logs.Json"},
    },
    "filters": {"quoting": {"()": "config.logs.Quoting"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["quoting"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        # runserver's access lines begin with nothing but name the peer on errors.
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "wagtail": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        **{name: {"level": level} for name, level in logs.NEVER_BELOW.items()},
    },
}

# Who may read /metrics: whoever brings this as a bearer token. Unset, there is no such page.
METRICS_TOKEN = environment.text("METRICS_TOKEN")

# Whom to tell about a weakness; a mailto: or https: address.
SECURITY_CONTACT = environment.text("SECURITY_CONTACT", "mailto:security@example.invalid")
