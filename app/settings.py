"""The server's settings: read once from the environment, checked, frozen. Secrets never print.

Every variable starts with ``DEVFLOWFIX_``; two keys of model providers are also taken under their usual names. What is missing or
malformed stops the start with one line each that names the variable and says how to get it, and never repeats a secret.
"""

import re
import socket
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from rapidfuzz import fuzz, process

PREFIX = "DEVFLOWFIX_"
_KEY_FALLBACKS = ("NVIDIA_API_KEY", "OPENAI_API_KEY")
_DATABASES = ("postgresql://", "postgresql+psycopg://", "sqlite:///", "sqlite+aiosqlite:///")
_LOOPBACK = re.compile(r"^(localhost|127(\.\d{1,3}){3}|::1)$")


class SettingsProblem(Exception):  # noqa: N818 - it is what a person must mend, not a fault of the program
    """The environment is not fit to start with: one line per problem, each naming a variable."""


def _split(value: object) -> object:
    """Cut a comma-separated variable into its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _logins(value: object) -> object:
    """As the parts of a list; GitHub's logins have no case."""
    return _split(value.lower() if isinstance(value, str) else value)


def _secrets(value: object) -> object:
    parts = _split(value)
    if parts == ():
        raise ValueError("is empty")
    if isinstance(parts, tuple) and len(parts) > 2:
        raise ValueError("may hold two secrets, the new and the old one; a comma separates them, so neither may contain one")
    return parts


def _address(value: str) -> str:
    """Check an HTTP address; plain HTTP is for this machine only, because tokens travel over it."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as https://api.github.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain address, without user, password, query or fragment")
    if parts.scheme == "http" and not _LOOPBACK.match(parts.hostname):
        raise ValueError("must begin with https://: plain http is taken for this machine (127.0.0.1, localhost) only")
    return value.rstrip("/")


def _private_key(value: SecretStr) -> SecretStr:
    """Take PEM text, PEM text with backslash and n for line ends, or a file's path; give PEM text that really is an RSA key."""
    text = value.get_secret_value().strip()
    if "-----BEGIN" not in text:
        text = _file_text(text)
    text = text.replace("\\n", "\n").replace("\r\n", "\n").strip() + "\n"
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("holds no readable private key (PEM, not encrypted)") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("must be the RSA key that GitHub made for the App")  # noqa: TRY004 - pydantic takes only ValueError for a refusal
    return SecretStr(text)


def _file_text(name: str) -> str:
    """Read the file that a variable names. The name is not repeated: it may be a key that lost its first line."""
    if len(name) > 1024 or "\n" in name:
        raise ValueError("is neither PEM text nor the path of a PEM file")
    try:
        return Path(name).expanduser().read_text(encoding="ascii")
    except (OSError, ValueError, RuntimeError):
        raise ValueError("is neither PEM text nor the path of a readable PEM file") from None


def _fernet_key(value: SecretStr) -> SecretStr:
    try:
        Fernet(value.get_secret_value().encode())
    except ValueError:
        raise ValueError("is no Fernet key (32 bytes in URL-safe base64)") from None
    return value


def _database(value: str) -> str:
    if value and not value.startswith(_DATABASES):
        raise ValueError("must begin with postgresql:// (or sqlite:///), or be left out for SQLite files under the data folder")
    return value


def _prices(value: object) -> object:
    """Read ``name=input/output`` entries, in US dollars for a million tokens, separated by commas."""
    if not isinstance(value, str):
        return value
    found = {}
    for entry in filter(None, (part.strip() for part in value.split(","))):
        name, _, price = entry.rpartition("=")
        given, _, taken = price.partition("/")
        try:
            found[name.strip()] = (Decimal(given), Decimal(taken))
        except InvalidOperation:
            raise ValueError("has an entry that is not of the form name=input/output") from None
        if not name.strip():
            raise ValueError("has an entry without a model's name")
    return found


Secret = Annotated[SecretStr, Field(min_length=1)]
Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """Everything that is set from outside. Field names in capitals, with the prefix, are the variables."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    github_app_id: Annotated[int, Field(gt=0)]
    github_private_key: Annotated[SecretStr, AfterValidator(_private_key)]
    webhook_secret: Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_secrets)]  # the first signs, any verifies
    github_api_url: Address = "https://api.github.com"
    allowed_accounts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_logins)] = ()  # lower case; empty: all
    database_url: Annotated[SecretStr, AfterValidator(lambda value: SecretStr(_database(value.get_secret_value())))] = SecretStr(
        ""
    )
    data_dir: Path = Path("data")
    model_base_url: Address = "https://integrate.api.nvidia.com/v1"
    model: Annotated[str, Field(min_length=1)] = "meta/llama-3.3-70b-instruct"
    embedding_model: str = ""
    model_api_key: SecretStr | None = None
    model_prices: Annotated[dict[str, tuple[Decimal, Decimal]], NoDecode, BeforeValidator(_prices)] = {}
    model_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 120.0
    max_candidate_usd: Annotated[Decimal, Field(ge=0)] | None = None
    encryption_key: Annotated[SecretStr, AfterValidator(_fernet_key)] | None = None
    min_pr_confidence: Annotated[float, Field(ge=0, le=1)] = 0.85
    auto_pr_enabled: bool = True
    max_candidates: Annotated[int, Field(ge=1, le=100)] = 3
    max_files: Annotated[int, Field(ge=1)] = 20
    max_lines: Annotated[int, Field(ge=1)] = 800
    settle_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    no_check_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 600.0
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)] = "INFO"
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    executor_id: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library names the arguments
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what ``load`` hands over, so that the process's environment is read in one place."""
        return (init_settings,)

    @model_validator(mode="after")
    def _named(self) -> Self:
        """Name this process for the engine: the same after a restart, another one on another machine or port."""
        if not self.executor_id:
            object.__setattr__(self, "executor_id", f"{socket.gethostname()}-{self.host}-{self.port}")
        return self

    @property
    def has_model(self) -> bool:
        """Whether there is a model to ask: one with a key, or an endpoint of one's own that may need none."""
        return self.model_api_key is not None or self.model_base_url != type(self).model_fields["model_base_url"].default

    @property
    def github_graphql_url(self) -> str:
        """GraphQL's address: beside the REST root; on Enterprise Server `/api/graphql` for `/api/v3`."""
        return self.github_api_url.removesuffix("/v3") + "/graphql"

    @property
    def github_web_url(self) -> str:
        """Where people look: `https://github.com`, `https://SUB.ghe.com`, or the Enterprise Server itself."""
        parts = urlsplit(self.github_api_url)
        return f"{parts.scheme}://{parts.netloc if parts.path else parts.netloc.removeprefix('api.')}"

    @property
    def github_host(self) -> str:
        """The host that keys everything stored: `github.com`, or the Enterprise host, with its port where it has one."""
        return urlsplit(self.github_web_url).netloc


_HOW = {
    "github_app_id": "the number under “App ID” on the App's settings page on GitHub",
    "github_private_key": "the PEM file that “Generate a private key” on the App's settings page downloads: its path or its text",
    "webhook_secret": "the word that stands on the App's settings page too; a new one: "
    "python -c 'import secrets; print(secrets.token_hex(32))'",
    "github_api_url": "https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server",
    "allowed_accounts": "logins of users and organisations, comma-separated; leave it out to work for all",
    "database_url": "postgresql://USER:PASSWORD@HOST/NAME, or leave it out for SQLite files under the data folder",
    "data_dir": "a folder that this process may write to",
    "model_base_url": "the address of an OpenAI-compatible endpoint, up to and with /v1",
    "model": "a model's name as the endpoint lists it",
    "embedding_model": "an embedding model's name as the endpoint lists it, or leave it out",
    "model_api_key": "a key of the model endpoint; NVIDIA_API_KEY and OPENAI_API_KEY are taken too",
    "model_prices": "name=input/output in US dollars for a million tokens, comma-separated, or leave it out",
    "model_seconds": "seconds that one answer of the model may take, such as 120",
    "max_candidate_usd": "US dollars that one candidate may cost, or leave it out",
    "encryption_key": "the output of python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
    "min_pr_confidence": "a number from 0 to 1",
    "auto_pr_enabled": "true or false",
    "max_candidates": "a whole number from 1 to 100",
    "max_files": "a whole number from 1 on",
    "max_lines": "a whole number from 1 on",
    "settle_seconds": "seconds without a new or changed check until CI counts as settled, such as 60",
    "no_check_seconds": "seconds until a fix on which no check appears is called unverified, such as 600",
    "log_level": "DEBUG, INFO, WARNING, ERROR or CRITICAL",
    "host": "the address to listen on, such as 127.0.0.1 or 0.0.0.0",
    "port": "a port number, 0 to 65535; a Kubernetes service called “devflowfix” sets this variable too, "
    "which `enableServiceLinks: false` stops",
    "executor_id": "a word that no other process has and that stays the same over restarts",
}


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables.

    Raises:
        SettingsProblem: with one line for each variable that is missing or malformed.
    """
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value.strip() for name, value in environ.items() if value.strip()}
    values = source()
    fallback = next((environ[name].strip() for name in _KEY_FALLBACKS if environ.get(name, "").strip()), None)
    if fallback is not None:
        values.setdefault("model_api_key", fallback)
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = dict.fromkeys(_line(str(detail["loc"][0]), detail["type"], detail["msg"]) for detail in error.errors())
        raise SettingsProblem("\n".join(lines)) from None


def warnings(settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Say what is worth a line at the start but stops nothing."""
    found = []
    if settings.encryption_key is None:
        found.append(f"{PREFIX}ENCRYPTION_KEY is not set: nothing secret can be stored. Give {_HOW['encryption_key']}")
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and not _KUBERNETES.search(name):
            nearest = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=85)
            found.append(f"{name} is no setting" + (f"; did you mean {nearest[0]}?" if nearest else "."))
    return tuple(found)


_KUBERNETES = re.compile(r"_(SERVICE_HOST|SERVICE_PORT|PORT_\d+_(TCP|UDP)|SERVICE_PORT_\w+)(_\w+)?$")


def _line(field: str, kind: str, message: str) -> str:
    """Write one problem: the variable, what is wrong, how to get it right. The given value is not repeated."""
    if kind == "missing":
        said = "is not set"
    elif kind in {"value_error", "bool_parsing", "int_parsing", "float_parsing"}:
        said = message.removeprefix("Value error, ") if kind == "value_error" else "cannot be read"
    else:
        said = message.replace("Input should be", "must be").replace("Value should have", "must have")
    return f"{PREFIX}{field.upper()} {said}. Give {_HOW[field]}"
