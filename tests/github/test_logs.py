"""Job logs: two steps, no credentials on the second, head and tail."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.repository import Repository
from app.github.client import Client
from app.github.download import check_address, may_fetch
from app.github.errors import NotThere, Unreachable, UnsafeAddress, Wait
from app.github.logs import HeadAndTail, LogDownload, cut_mark, job_log

from .conftest import Reply, Script

LOGS = "/repos/octo/spoon/actions/jobs/5/logs"


def redirect(storage: Script, path: str = "/log?sig=abc") -> Reply:
    return Reply(status=302, headers={"location": storage.url + path})


async def test_a_log_comes_from_the_second_host_which_sees_no_credentials(
    api: Script, storage: Script, client: Client, repo: Repository
) -> None:
    api.on("GET", LOGS, redirect(storage))
    storage.on("GET", "/log", Reply(body="\ufefféin Wort\n".encode(), headers={"content-type": "text/plain"}))
    assert await job_log(client, repo, 5) == LogDownload(text="éin Wort\n", bytes=13)
    assert "authorization" in api.asked("GET", LOGS)[0].headers
    seen = storage.asked("GET", "/log")[0]
    assert not {"authorization", "cookie", "x-github-api-version"} & set(seen.headers)
    assert seen.query == {"sig": "abc"}


async def test_bad_bytes_and_odd_charsets_do_not_hurt(api: Script, storage: Script, client: Client, repo: Repository) -> None:
    api.on("GET", LOGS, redirect(storage))
    storage.on("GET", "/log", Reply(body=b"a\xffb\n", headers={"content-type": "text/plain; charset=utf-16"}))
    assert (await job_log(client, repo, 5)).text == "a\ufffdb\n"


async def test_a_long_log_keeps_its_head_and_its_tail_and_says_what_is_missing(
    api: Script, storage: Script, client: Client, repo: Repository
) -> None:
    lines = [f"line {n:06}\n" for n in range(50_000)]
    api.on("GET", LOGS, redirect(storage))
    storage.on("GET", "/log", Reply(body="".join(lines).encode()))
    log = await job_log(client, repo, 5, cap_head=120, cap_tail=240)
    kept = log.text.splitlines(keepends=True)
    mark = kept.index(cut_mark(log.cut, log.cut_lines) + "\n")
    assert kept[:mark] == lines[:mark]
    assert kept[mark + 1 :] == lines[mark + log.cut_lines :]
    assert (mark, len(kept) - mark - 1) == (10, 19)
    assert log.bytes == 600_000


@given(
    pieces=st.lists(
        st.lists(st.sampled_from(["", "a", "bb\n", "\n", "ä" * 9 + "\n", "c" * 30]), max_size=6).map("".join), max_size=12
    ),
    head=st.integers(0, 40),
    tail=st.integers(0, 40),
)
def test_head_and_tail_lose_no_line_without_counting_it(pieces: list[str], head: int, tail: int) -> None:
    kept = HeadAndTail(head, tail)
    for piece in pieces:
        kept.take(piece.encode())
    whole = "".join(pieces)
    log = kept.finish()
    assert log.bytes == len(whole.encode())
    if not log.cut:
        assert log.text == whole
        return
    first, last = log.text.split(cut_mark(log.cut, log.cut_lines) + "\n")
    assert whole.startswith(first) or whole.encode().startswith(first.removesuffix("\n").encode()[:-3])
    assert whole.endswith(last)
    assert len(last.encode()) <= tail
    assert len(log.text.encode()) <= head + tail + len(cut_mark(log.cut, log.cut_lines)) + 2 + 3


async def test_a_log_that_never_was_and_one_that_expired_are_told_apart(
    api: Script, storage: Script, client: Client, repo: Repository
) -> None:
    api.on("GET", LOGS, Reply(status=404, json={"message": "Not Found"}), Reply(status=410, json={"message": "Server Error"}))
    for gone in (False, True):
        with pytest.raises(NotThere) as caught:
            await job_log(client, repo, 5)
        assert caught.value.gone is gone


async def test_an_address_that_ran_out_is_asked_for_again(api: Script, storage: Script, client: Client, repo: Repository) -> None:
    api.on("GET", LOGS, redirect(storage, "/old"), redirect(storage, "/new"))
    storage.on("GET", "/old", Reply(status=403, body=b"<Error>AuthenticationFailed</Error>"))
    storage.on("GET", "/new", Reply(body=b"here\n"))
    assert (await job_log(client, repo, 5)).text == "here\n"


async def test_a_download_that_breaks_off_is_tried_once_more_from_the_start(
    api: Script, storage: Script, client: Client, repo: Repository
) -> None:
    api.on("GET", LOGS, redirect(storage))
    storage.on("GET", "/log", Reply(body=b"first half, second half\n", cut=11), Reply(body=b"whole\n"))
    assert (await job_log(client, repo, 5)).text == "whole\n"
    storage.on("GET", "/log", Reply(body=b"first half, second half\n", cut=11))
    with pytest.raises(Unreachable):
        await job_log(client, repo, 5)


async def test_storage_that_stays_broken_puts_the_work_off(
    api: Script, storage: Script, client: Client, repo: Repository
) -> None:
    api.on("GET", LOGS, redirect(storage))
    storage.on("GET", "/log", Reply(status=503))
    with pytest.raises(Wait):
        await job_log(client, repo, 5)
    assert len(storage.seen) == 2


async def test_a_second_redirect_is_followed_and_endless_ones_are_not(
    api: Script, storage: Script, client: Client, repo: Repository
) -> None:
    api.on("GET", LOGS, redirect(storage, "/one"))
    storage.on("GET", "/one", Reply(status=302, headers={"location": "/two"}))
    storage.on("GET", "/two", Reply(body=b"found\n"))
    assert (await job_log(client, repo, 5)).text == "found\n"
    storage.on("GET", "/two", Reply(status=302, headers={"location": "/one"}))
    with pytest.raises(UnsafeAddress):
        await job_log(client, repo, 5)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://10.0.0.1/x", "http://u:p@127.0.0.1/x"])
async def test_an_address_that_no_download_should_have_is_refused(
    api: Script, client: Client, repo: Repository, location: str
) -> None:
    api.on("GET", LOGS, Reply(status=302, headers={"location": location}))
    with pytest.raises(UnsafeAddress):
        await job_log(client, repo, 5)


@pytest.mark.parametrize(
    "location",
    ["http://93.184.216.34/x", "https://127.0.0.1/x", "https://169.254.169.254/x", "https://[::ffff:10.0.0.1]/x", "https:///x"],
)
async def test_a_public_api_leads_to_encrypted_public_addresses_only(location: str) -> None:
    with pytest.raises(UnsafeAddress):
        await check_address(location, "https://140.82.112.5")


async def test_a_public_encrypted_address_is_fine() -> None:
    await check_address("https://93.184.216.34/x?sig=1", "https://140.82.112.5")


@pytest.mark.parametrize(
    ("target", "api", "may"),
    [
        ("93.184.216.34", "140.82.112.5", True),
        ("10.0.0.9", "140.82.112.5", False),
        ("10.0.0.9", "10.0.0.5", True),  # an Enterprise Server and its storage in one network
        ("127.0.0.1", "10.0.0.5", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("10.0.0.9", "127.0.0.1", False),
        ("169.254.169.254", "10.0.0.5", False),  # a cloud's metadata
        ("0.0.0.0", "10.0.0.5", False),  # noqa: S104 - an address to refuse, not to bind to
        ("fe80::1", "10.0.0.5", False),
        ("224.0.0.1", "140.82.112.5", False),
    ],
)
def test_which_addresses_may_be_fetched_depends_on_where_the_api_is(target: str, api: str, *, may: bool) -> None:
    assert may_fetch(ipaddress.ip_address(target), (ipaddress.ip_address(api),)) is may


async def test_a_log_that_is_not_redirected_is_not_read_with_our_token(api: Script, client: Client, repo: Repository) -> None:
    api.on("GET", LOGS, Reply(body=b"x" * 1000))
    with pytest.raises(Exception, match="expected a redirect"):
        await job_log(client, repo, 5)
