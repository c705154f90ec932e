"""Read settings from the environment, loudly: a value that cannot be used stops the start."""

import os
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    # Opening costs as much as six queries, and whoever closes last empties the write-ahead log.
    "CONN_MAX_AGE": 60,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
        ),
    },
}
POSTGRESQL = {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
}
# A statement that a connection has met a few times is planned no more: with the wall in each,
# planning cost more than the rest of it.
PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
# Nobody waits longer for a lock than on SQLite. Outside a request a connection reaches all
# federations: enrolment/wall.py.
SESSION = {
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "120s",
    "fotorundan.federations": "*",
}
URL_OPTIONS = {"host", "sslmode", "sslrootcert"}


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the default; without either, refuse to start."""
    value = os.environ.get(name, default)
    if value is None or (value == "" and default is None):
        raise ImproperlyConfigured(f"{name} is missing. Set it in the environment and start again.")
    return value


def number(name: str, default: int) -> int:
    """Return the variable as a whole number."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def switch(name: str, default: bool) -> bool:
    """Return the variable as yes or no: 1, true, yes or 0, false, no."""
    value = os.environ.get(name, "1" if default else "0").lower()
    if value not in {"1", "true", "yes", "0", "false", "no"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in {"1", "true", "yes"}


def names(name: str, default: str = "") -> list[str]:
    """Return the variable as a list, split at commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """Return the variable as an absolute path."""
    return Path(os.environ.get(name, str(default))).resolve()


def secret(name: str, keep_in: Path | None) -> str:
    """Return the variable or what the file `<name>_FILE` holds; else make one in `keep_in`.

    `keep_in` is None where a secret must be given from outside.
    """
    if value := os.environ.get(name):
        return value
    if given := os.environ.get(f"{name}_FILE"):
        return Path(given).read_text().strip()
    if keep_in is None:
        raise ImproperlyConfigured(f"{name} or {name}_FILE is missing: give a long random value.")
    return _kept_secret(keep_in)


def database(name: str, file: Path) -> dict[str, object]:
    """Return Django's settings of the database whose URL is in the variable or its `<name>_FILE`.

    `postgres://user:password@host:port/name`, with `?host=/folder` for a socket there, and
    `sslmode` and `sslrootcert` as libpq has them; or `sqlite:///path`. Without: SQLite in `file`.
    """
    if not {name, f"{name}_FILE"} & os.environ.keys():
        return {**SQLITE, "NAME": file}
    url = urlsplit(secret(name, None))
    if url.scheme == "sqlite" and not url.netloc and url.path.strip("/"):
        return {**SQLITE, "NAME": Path("/", unquote(url.path).lstrip("/"))}
    if url.scheme in {"postgres", "postgresql"} and url.path.strip("/"):
        return _postgresql(name, url)
    raise ImproperlyConfigured(
        f"{name} must be postgres://user:password@host:port/name or sqlite:///path."
    )


def _postgresql(name: str, url: SplitResult) -> dict[str, object]:
    options = dict(parse_qsl(url.query))
    if unknown := options.keys() - URL_OPTIONS:
        raise ImproperlyConfigured(f"{name} has an option that is not known: {min(unknown)}.")
    try:
        port = url.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has a port that is not a number.") from error
    session = " ".join(f"-c {setting}={value}" for setting, value in SESSION.items())
    return {
        **POSTGRESQL,
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": {
            **options,
            **PREPARED,
            "options": session,
            "application_name": "fotorundan",
        },
    }


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(os.urandom(48).hex())
    return path.read_text().strip()
