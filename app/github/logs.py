"""The log of one job: streamed, with its head and tail kept under a cap, and bad bytes tolerated."""

from dataclasses import dataclass, field

import aiohttp

from app.domain.repository import Repository
from app.github import download
from app.github.calls import under
from app.github.client import Client

CAP_HEAD = 2_000_000  # bytes
CAP_TAIL = 6_000_000
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDownload:
    """A job's log. Where it was cut, one line of ``text`` says how much is missing."""

    text: str
    bytes: int  # of the whole log
    cut: int = 0  # bytes left out
    cut_lines: int = 0  # lines left out


def cut_mark(cut: int, lines: int) -> str:
    """Write the line that stands where a log was cut."""
    return f"[DevFlowFix left out {lines} lines ({cut} bytes) of this log here]"


@dataclass(slots=True)
class HeadAndTail:
    """Takes bytes in pieces and keeps the first and the last of them."""

    cap_head: int
    cap_tail: int
    seen: int = 0
    _head: bytearray = field(default_factory=bytearray)
    _tail: bytearray = field(default_factory=bytearray)
    _dropped: int = 0
    _dropped_lines: int = 0

    def take(self, piece: bytes) -> None:
        """Take the next piece."""
        self.seen += len(piece)
        room = self.cap_head - len(self._head) if not self._tail else 0
        self._head += piece[:room]
        self._tail += piece[room:]
        if len(self._tail) > 2 * self.cap_tail + download.CHUNK:
            self._drop(len(self._tail) - self.cap_tail)

    def finish(self) -> LogDownload:
        """Give what was kept, cut at line ends."""
        if len(self._tail) > self.cap_tail:
            self._drop(len(self._tail) - self.cap_tail)
        if not self._dropped:
            return LogDownload(text=_decoded(bytes(self._head + self._tail)), bytes=self.seen)
        self._drop(self._tail.find(b"\n") + 1)
        loose = len(self._head) - (self._head.rfind(b"\n") + 1)
        head, rest = (self._head[:-loose], self._head[-loose:]) if 0 < loose < len(self._head) else (self._head, b"")
        cut = self._dropped + len(rest)
        end = b"" if head.endswith(b"\n") else b"\n"
        text = bytes(head + end) + cut_mark(cut, self._dropped_lines).encode() + b"\n" + bytes(self._tail)
        return LogDownload(text=_decoded(text), bytes=self.seen, cut=cut, cut_lines=self._dropped_lines)

    def _drop(self, count: int) -> None:
        self._dropped_lines += self._tail.count(b"\n", 0, count)
        self._dropped += count
        del self._tail[:count]


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace").removeprefix(_BOM)


async def job_log(
    client: Client, repo: Repository, job_id: int, cap_head: int = CAP_HEAD, cap_tail: int = CAP_TAIL
) -> LogDownload:
    """Download a job's log.

    Raises:
        NotThere: there is none: not finished or not visible (404), or expired or deleted (410, ``gone``).
    """
    url = under(repo, f"actions/jobs/{job_id}/logs")
    tries = 0
    while True:
        kept = HeadAndTail(cap_head, cap_tail)
        try:
            async with download.opened(client, url) as stream:
                async for piece in stream.iter_chunked(download.CHUNK):
                    kept.take(piece)
            return kept.finish()
        except (aiohttp.ClientError, TimeoutError, download.Interrupted) as exc:
            tries += 1
            await download.again(tries, exc, url)
