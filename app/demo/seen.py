"""What a scene showed, for the table at the end."""

from dataclasses import dataclass

from app.demo.stage import Stage
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.emulator.server import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One scene: which run of which repository failed, how it ended, and what it took."""

    title: str
    repository: str
    run_id: int
    end: str
    calls: int  # to GitHub, from the breaking push to the end of the repair
    to_pull_request: int | None  # of these, up to the open pull request as the budget counts them
    seconds: float
    link: str


class Watch:
    """Counts a scene's calls and time from its beginning."""

    def __init__(self, stage: Stage, github: GitHub) -> None:
        self._stage, self._github = stage, github
        self._began, self._before = stage.seconds, len(github.requests)

    @property
    def requests(self) -> list[Exchange]:
        """The calls since the beginning, without those that mint tokens."""
        return [exchange for exchange in self._github.requests[self._before :] if exchange.installation_id is not None]

    def seen(self, repo: Repo, run_id: int, *, title: str, end: str, link: str, to_pull_request: int | None = None) -> Seen:
        """End the scene."""
        return Seen(
            title=title,
            repository=repo.full_name,
            run_id=run_id,
            end=end,
            calls=len(self.requests),
            to_pull_request=to_pull_request,
            seconds=self._stage.seconds - self._began,
            link=link,
        )
