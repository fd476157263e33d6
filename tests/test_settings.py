"""Settings from an environment: what starts, what stops the start, and that no secret is ever repeated."""

import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from inline_snapshot import snapshot
from pydantic import ValidationError

from app.settings import PREFIX, Settings, SettingsProblem, load, warnings


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


KEY = pem(rsa.generate_private_key(65537, 2048))
NEEDED = {"GITHUB_APP_ID": "12", "GITHUB_PRIVATE_KEY": KEY, "WEBHOOK_SECRET": "open sesame"}


def environ(**changed: str) -> dict[str, str]:
    return {PREFIX + name: value for name, value in {**NEEDED, **changed}.items()}


def problem(**changed: str) -> str:
    with pytest.raises(SettingsProblem) as caught:
        load(environ(**changed))
    return str(caught.value)


def test_the_three_that_nobody_can_guess_are_enough() -> None:
    settings = load(environ())
    assert settings.github_app_id == 12
    assert settings.github_private_key.get_secret_value() == KEY
    assert [secret.get_secret_value() for secret in settings.webhook_secret] == ["open sesame"]
    assert (settings.model_base_url, settings.model) == ("https://integrate.api.nvidia.com/v1", "meta/llama-3.3-70b-instruct")
    assert (settings.min_pr_confidence, settings.auto_pr_enabled, settings.max_candidates) == (0.85, True, 3)
    assert (settings.log_level, settings.host, settings.port) == ("INFO", "127.0.0.1", 8000)
    assert (settings.settle_seconds, settings.no_check_seconds) == (60, 600)
    assert (settings.allowed_accounts, settings.database_url.get_secret_value(), str(settings.data_dir)) == ((), "", "data")
    assert settings.model_api_key is settings.encryption_key is None


def test_what_is_missing_is_named_with_how_to_get_it_one_line_each() -> None:
    with pytest.raises(SettingsProblem) as caught:
        load({})
    assert str(caught.value).replace(". Give ", ".\nGive ").replace(": its", ":\nits").replace(
        ": python", ":\npython"
    ) == snapshot("""\
DEVFLOWFIX_GITHUB_APP_ID is not set.
Give the number under “App ID” on the App's settings page on GitHub
DEVFLOWFIX_GITHUB_PRIVATE_KEY is not set.
Give the PEM file that “Generate a private key” on the App's settings page downloads:
its path or its text
DEVFLOWFIX_WEBHOOK_SECRET is not set.
Give the word that stands on the App's settings page too; a new one:
python -c 'import secrets; print(secrets.token_hex(32))'\
""")


def test_only_the_environment_that_is_handed_over_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "PORT", "9")
    monkeypatch.setenv("OPENAI_API_KEY", "of the process")
    settings = load(environ())
    assert settings.port == 8000
    assert settings.model_api_key is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GITHUB_APP_ID", "my-app", "cannot be read"),
        ("GITHUB_APP_ID", "0", "must be greater than 0"),
        ("GITHUB_PRIVATE_KEY", "/no/such/file.pem", "is neither PEM text nor the path of a readable PEM file"),
        ("GITHUB_PRIVATE_KEY", "-----BEGIN nothing", "holds no readable private key"),
        ("WEBHOOK_SECRET", ",", "is empty"),
        ("WEBHOOK_SECRET", "a,b,c", "may hold two secrets"),
        ("GITHUB_API_URL", "github.com", "must be an address"),
        ("GITHUB_API_URL", "ftp://github.com", "must be an address"),
        ("GITHUB_API_URL", "http://github.example", "must begin with https://"),
        ("GITHUB_API_URL", "http://127.0.0.1.example", "must begin with https://"),
        ("GITHUB_API_URL", "https://user:hunter2@github.example", "without user"),
        ("MODEL_BASE_URL", "http://models.example/v1", "must begin with https://"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "must begin with postgresql://"),
        ("ENCRYPTION_KEY", "hunter2", "is no Fernet key"),
        ("MIN_PR_CONFIDENCE", "85", "must be less than or equal to 1"),
        ("AUTO_PR_ENABLED", "perhaps", "cannot be read"),
        ("MAX_CANDIDATES", "0", "must be greater than or equal to 1"),
        ("SETTLE_SECONDS", "nan", "must be"),
        ("LOG_LEVEL", "loud", "must be 'DEBUG', 'INFO'"),
        ("PORT", "tcp://10.0.0.1:8000", "cannot be read"),
        ("PORT", "99999", "must be less than or equal to 65535"),
    ],
)
def test_what_is_malformed_stops_the_start_with_one_line(name: str, value: str, said: str) -> None:
    line = problem(**{name: value})
    assert line.startswith(f"{PREFIX}{name} ")
    assert said in line
    assert ". Give " in line
    assert "\n" not in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_API_URL", "http://127.0.0.1:8081"),
        ("GITHUB_API_URL", "http://localhost:8081/api/v3/"),
        ("GITHUB_API_URL", "http://[::1]:8081"),
        ("DATABASE_URL", "postgresql://user:word@db/x"),
        ("AUTO_PR_ENABLED", "off"),
        ("LOG_LEVEL", "debug"),
        ("PORT", "0"),
        ("EMBEDDING_MODEL", ""),
        ("MODEL", " "),  # empty is not set
    ],
)
def test_the_honest_neighbours_of_mistakes_start(name: str, value: str) -> None:
    load(environ(**{name: value}))


@pytest.mark.parametrize("given", [KEY.replace("\n", "\\n"), KEY.replace("\n", "\r\n"), f"  {KEY}"])
def test_the_private_key_may_come_as_text_on_one_line(given: str) -> None:
    assert load(environ(GITHUB_PRIVATE_KEY=given)).github_private_key.get_secret_value() == KEY


def test_the_private_key_may_come_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "app key.pem").write_text(KEY)
    assert load(environ(GITHUB_PRIVATE_KEY=str(tmp_path / "app key.pem"))).github_private_key.get_secret_value() == KEY


@pytest.mark.parametrize(
    "key", [pem(ec.generate_private_key(ec.SECP256R1())), pem(rsa.generate_private_key(65537, 2048), b"word")]
)
def test_a_key_that_github_would_not_have_made_is_refused_without_being_shown(key: str) -> None:
    line = problem(GITHUB_PRIVATE_KEY=key)
    assert key.splitlines()[1] not in line


def test_no_secret_is_in_any_form_of_the_settings() -> None:
    fernet = Fernet.generate_key().decode()
    secrets = {"WEBHOOK_SECRET": "tell-1,tell-2", "MODEL_API_KEY": "tell-3", "DATABASE_URL": "postgresql://u:tell-4@h/d"}
    settings = load(environ(**secrets, ENCRYPTION_KEY=fernet))
    shown = f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"
    assert "tell-" not in shown
    assert fernet not in shown
    assert KEY.splitlines()[1] not in shown


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load(environ()).port = 1  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, None),
        ({"OPENAI_API_KEY": "o"}, "o"),
        ({"OPENAI_API_KEY": "o", "NVIDIA_API_KEY": "n"}, "n"),
        ({"OPENAI_API_KEY": "o", "NVIDIA_API_KEY": " "}, "o"),
        ({"OPENAI_API_KEY": "o", "NVIDIA_API_KEY": "n", "DEVFLOWFIX_MODEL_API_KEY": "d"}, "d"),
        ({"OPENAI_API_KEY": "o", "DEVFLOWFIX_MODEL_API_KEY": ""}, "o"),
    ],
)
def test_the_model_s_key_falls_back_to_its_usual_names(given: dict[str, str], key: str | None) -> None:
    found = load({**environ(), **given}).model_api_key
    assert (found.get_secret_value() if found else None) == key


@pytest.mark.parametrize(
    ("api", "graphql", "web", "host"),
    [
        ("https://api.github.com", "https://api.github.com/graphql", "https://github.com", "github.com"),
        ("https://git.example/api/v3/", "https://git.example/api/graphql", "https://git.example", "git.example"),
        (
            "https://api.corp.example/api/v3",
            "https://api.corp.example/api/graphql",
            "https://api.corp.example",
            "api.corp.example",
        ),
        ("https://api.corp.ghe.com", "https://api.corp.ghe.com/graphql", "https://corp.ghe.com", "corp.ghe.com"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081/graphql", "http://127.0.0.1:8081", "127.0.0.1:8081"),
    ],
)
def test_the_other_addresses_of_github_follow_from_one(api: str, graphql: str, web: str, host: str) -> None:
    settings = load(environ(GITHUB_API_URL=api))
    assert (settings.github_graphql_url, settings.github_web_url, settings.github_host) == (graphql, web, host)


def test_lists_are_comma_separated_and_logins_have_no_case() -> None:
    settings = load(environ(ALLOWED_ACCOUNTS="Octo-Org, alice,", WEBHOOK_SECRET="new, old"))
    assert settings.allowed_accounts == ("octo-org", "alice")
    assert [secret.get_secret_value() for secret in settings.webhook_secret] == ["new", "old"]


def test_a_process_is_named_by_machine_host_and_port_unless_it_is_given_a_name() -> None:
    first, again, other = (load(environ(PORT=port)).executor_id for port in ("8000", "8000", "8001"))
    assert first == again
    assert first != other
    assert load(environ(EXECUTOR_ID="blue")).executor_id == "blue"


def test_the_start_warns_of_what_cannot_be_stored_and_of_misspelt_names() -> None:
    given = {**environ(), PREFIX + "LOGLEVEL": "DEBUG", PREFIX + "SERVICE_PORT": "80", PREFIX + "PORT_8000_TCP": "tcp://x"}
    lines = warnings(load(given), given)
    assert [line.split()[0] for line in lines] == [PREFIX + "ENCRYPTION_KEY", PREFIX + "LOGLEVEL"]
    assert lines[1].endswith("did you mean DEVFLOWFIX_LOG_LEVEL?")
    whole = environ(ENCRYPTION_KEY=Fernet.generate_key().decode())
    assert warnings(load(whole), whole) == ()


def test_the_example_names_exactly_the_settings_and_shows_their_defaults() -> None:
    text = Path(__file__).parents[1].joinpath(".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(rf"^#?{PREFIX}(\w+)=(.*)$", text, re.MULTILINE))
    assert set(shown) == {name.upper() for name in Settings.model_fields}
    settings = load(environ(**{name: value for name, value in shown.items() if value}))
    assert settings == load(environ())
