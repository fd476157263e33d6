"""Secrets are made at run time, so that none stands in the repository."""

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.log.redact import REDACTED, redact

_LETTERS = string.ascii_letters + string.digits


def _word(length: int, alphabet: str = _LETTERS) -> str:
    chance = random.Random(length)  # noqa: S311 - the same made-up word at every run
    return "a1" + "".join(chance.choice(alphabet) for _ in range(length - 2))


TOKENS = {
    "classic GitHub token": "ghp_" + _word(36),
    "OAuth token": "gho_" + _word(36),
    "installation token": "ghs_" + _word(36),
    "long stateless installation token": "ghs_" + _word(40) + "." + _word(400) + "." + _word(70, _LETTERS + "-_"),
    "fine-grained GitHub token": "github_pat_" + _word(22) + "_" + _word(59),
    "AWS key id": "AKIA" + _word(16, string.ascii_uppercase + string.digits).upper(),
    "Slack bot token": "xoxb-" + _word(12, string.digits) + "-" + _word(24),
    "npm token": "npm_" + _word(36),
    "PyPI token": "pypi-" + _word(100, _LETTERS + "-_"),
    "Stripe key": "sk_" + "live_" + _word(24),
    "OpenAI key": "sk-proj-" + _word(48),
    "NVIDIA key": "nvapi-" + _word(64),
    "Hugging Face token": "hf_" + _word(34),
    "GitLab token": "glpat-" + _word(20),
    "Google key": "AIza" + _word(35),
    "JWT": "eyJ" + _word(20) + ".eyJ" + _word(60) + "." + _word(43),
    "Docker token": "dckr_pat_" + _word(27),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
@pytest.mark.parametrize("around", ["{}", "token is {} here", "\x1b[31m{}\x1b[0m", '"{}"', "a={};", "x\n{}\ny", "({})"])
def test_a_token_disappears_wherever_it_stands(token: str, around: str) -> None:
    clean = redact(around.format(token))
    assert token not in clean
    assert token[8:] not in clean
    assert REDACTED in clean


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://me:hunter22@example.org/x.git", f"https://me:{REDACTED}@example.org/x.git"),
        ("Authorization: Bearer abcdef", f"Authorization: Bearer {REDACTED}"),
        ("authorization: basic eA==", f"authorization: basic {REDACTED}"),
        ('curl -H "Authorization: token abcdef" -X GET', f'curl -H "Authorization: token {REDACTED}" -X GET'),
        ("Set-Cookie: session=abc; Path=/", f"Set-Cookie: {REDACTED}"),
        ("cookie: a=b", f"cookie: {REDACTED}"),
        ("https://hooks.slack.com/services/T000/B000/abcdefgh", f"https://hooks.slack.com/services/{REDACTED}"),
        ("password: hunter22x9", f"password: {REDACTED}"),
        ("DB_PASSWORD=hunter22x9 make", f"DB_PASSWORD={REDACTED} make"),
        ('{"client_secret": "q8w7e6r5t4y3"}', f'{{"client_secret": "{REDACTED}"}}'),
        ("export API_KEY='a8f93kd02kfkd93kf'", f"export API_KEY='{REDACTED}'"),
        ("AccountKey=abcdefghijklmnop1234==;x", f"AccountKey={REDACTED};x"),
    ],
)
def test_what_stands_where_credentials_stand_is_redacted(line: str, expected: str) -> None:
    assert redact(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "AUTHORIZATION: basic ***",
        "https://x-access-token:***@github.com/o/r",
        "token: ***",
        "password=$PASSWORD",
        "GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}",
        "Unexpected token: identifier",
        "SyntaxError: Unexpected token '}', expected ','",
        "key: node-modules",
        "https://github.com/o/r/actions/runs/123456789",
        "AssertionError: assert 'secret' in {'key': 1}",
        "commit 8f87152aa0e1b2c3d4e5f60718293a4b5c6d7e8f",
        "task-scheduler-something-quite-long.py:3: error",
        "Cache restored from key: Linux-pip-3.11",
    ],
)
def test_ordinary_lines_stay(line: str) -> None:
    assert redact(line) == line


def test_a_private_key_goes_line_by_line_and_what_follows_stays() -> None:
    marks = ["-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE" + " KEY-----"]
    stamp = "2025-07-04T14:32:14.5612144Z "
    body = [_word(64, _LETTERS + "+/") for _ in range(5)]
    log = "\n".join(stamp + line for line in [marks[0], *body, marks[1], "make: *** [all] Error 1"])
    clean = redact(log)
    assert not any(line in clean for line in body)
    assert clean.split("\n")[-1] == stamp + "make: *** [all] Error 1"
    assert clean.count("\n") == log.count("\n")


def test_a_private_key_behind_a_column_of_its_own_goes() -> None:
    secret = _word(64)
    log = "web-1  | -----BEGIN PRIVATE" + f" KEY-----\nweb-1  | {secret}\nweb-1  | -----END PRIVATE" + " KEY-----"
    assert secret not in redact(log)


def test_a_private_key_on_one_line_with_escaped_newlines_goes() -> None:
    secret = _word(64)
    assert secret not in redact("KEY=-----BEGIN PRIVATE" + rf" KEY-----\n{secret}\n-----END PRIVATE" + " KEY-----")


def test_a_key_that_never_ends_does_not_eat_the_log() -> None:
    log = "-----BEGIN PRIVATE" + " KEY-----\nerror: it broke in two places\n" + "ordinary words here\n" * 3
    assert redact(log).split("\n")[1:] == log.split("\n")[1:]


@given(st.text())
def test_lines_are_never_lost_and_a_second_pass_changes_nothing(text: str) -> None:
    once = redact(text)
    assert once.count("\n") == text.count("\n")
    assert redact(once) == once


_PIECES = ["", "x", "Authorization:", "password=", "://a:b@", '"', "\x1b[31m", *TOKENS.values()]


@given(st.lists(st.sampled_from(_PIECES)), st.sampled_from(["\n", " ", "; "]))
def test_no_arrangement_of_secrets_gets_through(pieces: list[str], between: str) -> None:
    clean = redact(between.join(pieces))
    assert not [name for name, token in TOKENS.items() if token in clean]


@pytest.mark.parametrize(
    "bait",
    [
        "eyJ",
        "\x1b[0meyJ0",
        "://a",
        "sk-",
        "ghs_",
        "password",
        "password: ",
        "Authorization: ",
        "cookie: ",
        "SG.a",
        "a=b&sig=",
        " ",
    ],
)
def test_time_is_linear_on_text_made_to_be_slow(bait: str) -> None:
    started = time.perf_counter()
    redact(bait * (400_000 // len(bait)))
    assert time.perf_counter() - started < 5  # 0.1 s on a free machine; quadratic would be minutes
