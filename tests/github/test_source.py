"""The source archive: what git makes is unpacked, what git cannot make is refused, and nothing leaves the folder."""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from app.domain.repository import Repository
from app.github.archive import Limits, Skipped, inner_path, unpack
from app.github.client import Client
from app.github.errors import NotThere, TooLarge, UnsafeArchive
from app.github.source import tarball

from .conftest import Reply, Script

SHA = "a" * 40


def entry(name: str, content: bytes = b"", **facts: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in facts.items():
        setattr(info, key, value)
    return info, content


def archive(*entries: tuple[tarfile.TarInfo, bytes], commit: str = "") -> bytes:
    out = io.BytesIO()
    headers = {"comment": commit} if commit else {}
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers=headers) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "unpacked"
    made.mkdir()
    return made


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    return tmp_path / "source.tar.gz"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_git_archives_is_unpacked_with_its_modes(tmp_path: Path, folder: Path, packed: Path) -> None:
    git = shutil.which("git")
    assert git is not None

    def run(*args: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        return subprocess.run([git, *who, *args], cwd=tmp_path, env=env, check=True, capture_output=True, text=True).stdout  # noqa: S603 - git with words of our own

    run("init", "-q", "work")
    work = tmp_path / "work"
    (work / "src").mkdir()
    (work / "src" / "ä b.py").write_text("x = 1\n")
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o755)
    (work / "link").symlink_to("../../etc/passwd")
    run("-C", "work", "add", "-A")
    run("-C", "work", "update-index", "--add", "--cacheinfo", f"160000,{SHA},vendor/lib")
    run("-C", "work", "commit", "-q", "-m", "x")
    sha = run("-C", "work", "rev-parse", "HEAD").strip()
    run("-C", "work", "archive", "--format=tar.gz", "--prefix=octo-spoon-abc/", "-o", str(packed), "HEAD")

    source = unpack(packed, folder)

    assert source.modes == {"src/ä b.py": "100644", "run.sh": "100755", "link": "120000", "vendor/lib": "160000"}
    assert source.links == {"link": "../../etc/passwd"}
    assert source.commit == sha
    assert source.skipped == ()
    assert files(folder) == {"src/ä b.py": b"x = 1\n", "run.sh": b"#!/bin/sh\n"}
    assert not (folder / "link").is_symlink()
    assert (folder / "run.sh").stat().st_mode & 0o777 == 0o600


HOSTILE = {
    "leaves by dots": [entry("top/../../evil", b"x")],
    "leaves at once": [entry("../evil", b"x")],
    "is absolute": [entry("/tmp/evil", b"x")],  # noqa: S108 - a path to refuse
    "is .git": [entry("top/.git/config", b"x")],
    "is .GIT": [entry("top/.GIT/hooks/x", b"x")],
    "a file beside the top folder": [entry("evil", b"x")],
    "empty part": [entry("top//evil", b"x")],
    "hard link": [entry("top/a", b"x"), entry("top/b", type=tarfile.LNKTYPE, linkname="top/a")],
    "character device": [entry("top/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
    "block device": [entry("top/disk", type=tarfile.BLKTYPE)],
    "pipe": [entry("top/pipe", type=tarfile.FIFOTYPE)],
    "twice the same path": [entry("top/a", b"x"), entry("top/a", b"y")],
    "through a link": [entry("top/a", type=tarfile.SYMTYPE, linkname="/etc"), entry("top/a/passwd", b"x")],
    "a folder over a link": [entry("top/a", type=tarfile.SYMTYPE, linkname="/etc"), entry("top/a", type=tarfile.DIRTYPE)],
    "a file over a folder": [entry("top/a/b", b"x"), entry("top/a", b"x")],
    "below a file": [entry("top/a", b"x"), entry("top/a/b", b"x")],
    "a folder below a file": [entry("top/a", b"x"), entry("top/a/b/c", type=tarfile.DIRTYPE)],
    "holes": [entry("top/sparse", type=tarfile.GNUTYPE_SPARSE)],
}


@pytest.mark.parametrize("entries", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_git_cannot_make_is_refused(
    folder: Path, packed: Path, entries: list[tuple[tarfile.TarInfo, bytes]], tmp_path: Path
) -> None:
    packed.write_bytes(archive(*entries))
    with pytest.raises(UnsafeArchive):
        unpack(packed, folder)
    assert {path.name for path in tmp_path.iterdir()} == {"unpacked", "source.tar.gz"}
    assert all(not path.is_symlink() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ["top/a/../../b", "top/./a", "top/a\0b", "..", "/"])
def test_no_path_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(UnsafeArchive):
        inner_path(name)


@pytest.mark.parametrize(
    ("name", "inner"), [("top/", ""), ("top", ""), ("top/a", "a"), ("top/..a/b..", "..a/b.."), ("top/.gitignore", ".gitignore")]
)
def test_ordinary_paths_lose_their_top_folder(name: str, inner: str) -> None:
    assert inner_path(name) == inner


def test_a_file_that_is_too_large_is_left_out_and_listed(folder: Path, packed: Path) -> None:
    packed.write_bytes(archive(entry("top/big", b"x" * 101), entry("top/small", b"y" * 100)))
    source = unpack(packed, folder, Limits(file=100))
    assert source.skipped == (Skipped(path="big", reason="larger than 100 bytes"),)
    assert files(folder) == {"small": b"y" * 100}
    assert source.modes == {"big": "100644", "small": "100644"}


def test_a_path_that_is_too_long_or_no_utf8_is_left_out_and_listed(folder: Path, packed: Path) -> None:
    odd = b"top/d/\xff.py".decode(errors="surrogateescape")
    packed.write_bytes(archive(entry("top/" + "d/" * 300 + "x", b"x"), entry("top/" + "n" * 256, b"x"), entry(odd, b"x")))
    source = unpack(packed, folder)
    assert [skipped.reason for skipped in source.skipped] == ["path too long", "path too long", "name is not UTF-8"]
    assert source.skipped[2].path == "d/\\xff.py"
    assert set(source.modes.values()) == {"100644"}
    assert len(source.modes) == 2


def test_a_bomb_is_stopped_at_the_limit_even_inside_a_file_that_is_left_out(folder: Path, packed: Path) -> None:
    packed.write_bytes(archive(entry("top/bomb", b"\0" * 5_000_000)))
    assert packed.stat().st_size < 10_000
    with pytest.raises(TooLarge):
        unpack(packed, folder, Limits(total=1_000_000, file=10))
    with pytest.raises(TooLarge):
        unpack(packed, folder, Limits(total=1_000_000))


def test_too_many_files_are_stopped_at_the_limit(folder: Path, packed: Path) -> None:
    packed.write_bytes(archive(*(entry(f"top/{n}") for n in range(20))))
    with pytest.raises(TooLarge):
        unpack(packed, folder, Limits(files=10))


@pytest.mark.parametrize(
    "raw",
    [b"", b"not an archive", gzip.compress(b"not a tar at all" * 100), archive(entry("top/a", b"x" * 9999))[:-40]],
    ids=["empty", "text", "no tar", "cut off"],
)
def test_what_is_no_archive_is_refused(folder: Path, packed: Path, raw: bytes) -> None:
    packed.write_bytes(raw)
    with pytest.raises(UnsafeArchive):
        unpack(packed, folder)


TARBALL = f"/repos/octo/spoon/tarball/{SHA}"


async def test_the_source_is_downloaded_without_credentials_and_unpacked(
    api: Script, storage: Script, client: Client, repo: Repository, folder: Path
) -> None:
    api.on("GET", TARBALL, Reply(status=302, headers={"location": storage.url + "/legacy.tar.gz"}))
    storage.on("GET", "/legacy.tar.gz", Reply(body=archive(entry("top/a.py", b"x = 1\n"), commit=SHA)))
    source = await tarball(client, repo, SHA, folder)
    assert files(folder) == {"a.py": b"x = 1\n"}
    assert source.commit == SHA
    assert "authorization" not in storage.seen[0].headers


async def test_the_source_of_another_commit_is_refused(
    api: Script, storage: Script, client: Client, repo: Repository, folder: Path
) -> None:
    api.on("GET", TARBALL, Reply(status=302, headers={"location": storage.url + "/x"}))
    storage.on("GET", "/x", Reply(body=archive(entry("top/a.py", b""), commit="b" * 40)))
    with pytest.raises(UnsafeArchive):
        await tarball(client, repo, SHA, folder)


async def test_a_download_over_the_limit_is_not_finished(
    api: Script, storage: Script, client: Client, repo: Repository, folder: Path
) -> None:
    api.on("GET", TARBALL, Reply(status=302, headers={"location": storage.url + "/x"}))
    storage.on("GET", "/x", Reply(body=os.urandom(200_000)))
    with pytest.raises(TooLarge):
        await tarball(client, repo, SHA, folder, Limits(download=100_000))


async def test_a_commit_that_is_not_there_says_so(client: Client, repo: Repository, folder: Path) -> None:
    with pytest.raises(NotThere):
        await tarball(client, repo, SHA, folder)
