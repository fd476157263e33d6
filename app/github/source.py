"""The source at one commit: one archive, downloaded under a cap and unpacked safely."""

import asyncio
import tempfile
from pathlib import Path

import aiohttp

from app.domain.repository import Repository
from app.github import download
from app.github.archive import Limits, Skipped, Source, unpack
from app.github.calls import under
from app.github.client import Client
from app.github.errors import TooLarge, UnsafeArchive

__all__ = ["Limits", "Skipped", "Source", "tarball", "unpack"]


async def tarball(client: Client, repo: Repository, sha: str, into: Path, limits: Limits | None = None) -> Source:
    """Download the source at a commit and unpack it into an empty folder, which is the caller's to delete.

    Raises:
        NotThere: no such commit.
        TooLarge: more than the limits allow.
        UnsafeArchive: the archive is not one that git made, or is of another commit.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="devflowfix-") as place:
        archive = Path(place, "source.tar.gz")
        await _download(client, under(repo, f"tarball/{sha}"), archive, limits.download)
        source = await asyncio.to_thread(unpack, archive, into, limits)
    if source.commit and source.commit != sha:
        raise UnsafeArchive(f"asked for the source at {sha}, got {source.commit}")
    return source


async def _download(client: Client, url: str, archive: Path, cap: int) -> None:
    tries = 0
    while True:
        try:
            async with download.opened(client, url) as stream:
                return await _save(stream, archive, cap)
        except (aiohttp.ClientError, TimeoutError, download.Interrupted) as exc:
            tries += 1
            await download.again(tries, exc, url)


async def _save(stream: aiohttp.StreamReader, archive: Path, cap: int) -> None:
    size = 0
    with archive.open("wb") as out:
        async for piece in stream.iter_chunked(download.CHUNK):
            size += len(piece)
            if size > cap:
                raise TooLarge(f"the source archive is larger than {cap} bytes")
            out.write(piece)
