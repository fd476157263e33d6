"""Secrets are made at run time, so that none stands in the repository."""

import random
import string

import pytest

from app.domain.patch.edit import Edit
from app.domain.patch.gate.facts import GateFacts
from app.domain.patch.gate.secrets import no_secrets

NOTHING: dict[str, str] = {}
FACTS = GateFacts(read=NOTHING.get, modes={}, evidence_files=frozenset(), max_files=1, max_lines=1)


def word(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    chance = random.Random(length)  # noqa: S311 - the same made-up word at every run
    return "a1" + "".join(chance.choice(alphabet) for _ in range(length - 2))


HEX = word(40, string.hexdigits[:16])


def passes(path: str, after: str, before: str | None = "x\n") -> bool:
    result = no_secrets((Edit(path=path, before=before, after=after),), FACTS)
    assert HEX not in result.sentence
    return result.passed


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/a.py", f"TOKEN = 'ghp_{word(36)}'\n"),
        ("app/a.py", f"x = 1  # ghp_{word(36)}\n"),
        ("app/a.py", f"password = '{word(12)}'\n"),
        ("app/a.py", f"API_KEY = '{HEX}'\n"),
        ("app/a.js", f"const apiKey = {{ api_key: '{word(30)}' }};\n"),
        ("app/a.go", f'const url = "https://me:{word(14)}@example.org/"\n'),
        ("app/a.rb", f"secret = '{word(30)}'\n"),
        (".env", f"DB_PASSWORD={word(12)}\n"),
        ("config.yml", f"api_key: {word(20)}\n"),
        ("config.yml", f"aws: AKIA{word(16, string.ascii_uppercase).upper()}\n"),
        ("run.sh", f"curl -H 'Authorization: Bearer {word(30)}' x\n"),
        ("key.pem", "-----BEGIN PRIVATE" + f" KEY-----\n{word(64)}\n-----END PRIVATE" + " KEY-----\n"),
        ("tests/fixtures/a.json", f'{{"token": "ghp_{word(36)}"}}\n'),
        ("tests/fixtures/a.json", f'{{"token": "{word(30)}"}}\n'),
    ],
)
def test_a_secret_is_refused_wherever_it_is_written(path: str, text: str) -> None:
    assert not passes(path, "x\n" + text)
    assert not passes(path, text, None)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/a.py", "client = Client(token=settings.github_token2)\n"),
        ("app/a.py", "token = tokenizer2vec.build(1)\n"),
        ("app/a.py", "password = os.environ['PASSWORD1']\n"),
        ("app/a.ts", "const h = { Authorization: bearer2Header };\n"),
        ("tests/test_a.py", "password = 'test1234'\n"),
        ("app/a.py", "h = {'x': f'Authorization: Bearer {self.token}'}\n"),
        ("app/a.yml", "token: ${{ secrets.GITHUB_TOKEN }}\n"),
        ("tests/fixtures/a.json", f'{{"cache_key": "{HEX}"}}\n'),
        ("tests/__snapshots__/a.snap", "token: 3f2b8c9a-1d4e-4f6a-8b7c-9d0e1f2a3b4c\n"),
        ("web/a.lock", f"key: {HEX}\n"),
        ("docs/a.md", "password: your-password1\n"),
        ("app/a.py", f"commit = '{HEX}'\n"),
    ],
)
def test_what_only_stands_where_secrets_stand_is_honest(path: str, text: str) -> None:
    assert passes(path, "x\n" + text)


def test_a_secret_that_was_there_before_may_move() -> None:
    secret = f"password = '{word(12)}'\n"
    assert passes("app/a.py", f"if x:\n    {secret}", secret)
