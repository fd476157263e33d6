"""The GitHub stand-in as tests and the demo drive it.

State behind real HTTP: a REST and GraphQL origin, a second origin for logs and tarballs, bare git repositories on disk, workflow
steps that really run, signed webhooks, and faults on demand. Nothing here leaves the loopback interface.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from app.emulator import changes
from app.emulator.accounts import Account, Clock
from app.emulator.actions import Actions
from app.emulator.beginning import free_socket, fresh_state, listen, new_key, new_world, pem
from app.emulator.controls import Controls
from app.emulator.faults import Faults
from app.emulator.git import Git
from app.emulator.graph import engine
from app.emulator.limits import Limits
from app.emulator.repo import Files, Repo
from app.emulator.rest import actions, apps, checks, git_data, issues, pulls, repositories
from app.emulator.server import Server
from app.emulator.shapes.repositories import listed_repository
from app.emulator.state import Installation, Repository
from app.emulator.tokens import AppJwt

ROWS = [
    *apps.routes.rows,
    *checks.routes.rows,  # before repositories: /commits/{ref}/check-runs is longer than /commits/{ref}
    *actions.routes.rows,
    *pulls.routes.rows,
    *issues.routes.rows,
    *git_data.routes.rows,
    *repositories.routes.rows,
    *engine.routes.rows,
]


@dataclass(slots=True, kw_only=True)
class GitHub(Controls):
    """A running stand-in. Make one with ``await GitHub.start(…)`` and end it with ``await github.close()``."""

    private_key_pem: str
    _runners: list[web.AppRunner]

    @classmethod
    async def start(
        cls,
        folder: Path,
        *,
        manifest: Mapping[str, Any],
        webhook_url: str | None,
        webhook_secret: str,
        tools_path: str = "",
        clock: Clock = lambda: datetime.now(UTC),
        key: rsa.RSAPrivateKey | None = None,
        token_seconds: float = 3600.0,
    ) -> "GitHub":
        """Start listening. ``manifest`` is the parsed ``app.yml``: its permissions and events are all an installation gets."""
        key = key or new_key()
        sockets = [free_socket(), free_socket()]
        api, blobs = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets)
        world = new_world(folder, fresh_state(manifest, clock), api=api, blob_url=blobs, url=webhook_url, secret=webhook_secret)
        world.attach(Actions(world, tools_path))
        app = world.state.app
        checker = AppJwt(clock=clock, app_id=app.id, client_id=app.client_id, public_key=key.public_key())
        server = Server(
            world=world, rows=ROWS, app_jwt=checker, faults=Faults(), limits=Limits(clock=clock), token_seconds=token_seconds
        )
        runners = [await listen(sockets[0], server.handle), await listen(sockets[1], world.blobs.serve)]
        world.outbox.start()
        return cls(world=world, server=server, private_key_pem=pem(key), _runners=runners)

    async def close(self) -> None:
        """Stop: runs under way are cancelled, deliveries that wait are dropped."""
        for task in list(self.world.tasks):
            task.cancel()
        await asyncio.gather(*self.world.tasks, return_exceptions=True)
        await self.world.outbox.close()
        for runner in self._runners:
            await runner.cleanup()
        self.world.pool.shutdown(wait=True)

    # --- addresses and identity ---------------------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        """The REST root; GraphQL is at ``/graphql`` under it."""
        return self.world.at.api

    @property
    def blob_url(self) -> str:
        """The second origin, which hands out logs and tarballs."""
        return self.world.blobs.url

    @property
    def app_id(self) -> int:
        """Our App's number."""
        return self.world.state.app.id

    @property
    def client_id(self) -> str:
        """Our App's client id, the other accepted issuer of its JWT."""
        return self.world.state.app.client_id

    @property
    def app_slug(self) -> str:
        """Our App's short name; its bot is ``<slug>[bot]``."""
        return self.world.state.app.slug

    @property
    def webhook_url(self) -> str | None:
        """Where deliveries go."""
        return self.world.outbox.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.world.outbox.url = url

    # --- accounts, installations, repositories ------------------------------------------------------------------------------

    async def install(
        self,
        account_login: str,
        *,
        repositories: Literal["all"] | Sequence[str] = "all",
        kind: str = "Organization",
        permissions: Mapping[str, str] | None = None,
    ) -> int:
        """Install the App on an account and tell it (``installation.created``). ``permissions`` narrows what was granted."""
        state = self.world.state
        account = state.account(account_login, kind)
        chosen = [repo for repo in state.repositories.values() if repo.owner is account]
        if repositories != "all":
            chosen = [repo for repo in chosen if repo.name in repositories or repo.full_name in repositories]
        one = Installation(
            id=next(state.small),
            account=account,
            repository_selection="all" if repositories == "all" else "selected",
            repository_ids={repo.id for repo in chosen},
            permissions=dict(permissions if permissions is not None else state.app.permissions),
            events=state.app.events,
            created_at=state.clock(),
        )
        state.installations[one.id] = one
        listed = [listed_repository(repo) for repo in chosen]
        self.world.events.installation("created", one, self._sender(account), repositories=listed, requester=None)
        return one.id

    def _sender(self, account: Account) -> Account:
        return account if account.type == "User" else self.world.state.account(f"{account.login}-owner")

    def uninstall(self, installation_id: int) -> None:
        """Take the App off an account: its tokens die with it."""
        one = self.world.state.installations.pop(installation_id)
        self.world.events.installation("deleted", one, self._sender(one.account), repositories=[])

    def suspend(self, installation_id: int, *, suspended: bool = True) -> None:
        """Suspend an installation, or lift that."""
        one = self.world.state.installations[installation_id]
        one.suspended_at = self.world.state.clock() if suspended else None
        self.world.events.installation("suspend" if suspended else "unsuspend", one, self._sender(one.account))

    def grant(self, installation_id: int, permissions: Mapping[str, str]) -> None:
        """An owner accepts other permissions."""
        one = self.world.state.installations[installation_id]
        one.permissions = dict(permissions)
        self.world.events.installation("new_permissions_accepted", one, self._sender(one.account))

    def add_repositories(self, installation_id: int, *repos: Repo) -> None:
        """Add repositories to an installation that has selected ones."""
        one = self.world.state.installations[installation_id]
        one.repository_ids |= {repo.id for repo in repos}
        self.world.events.installation_repositories(one, self._sender(one.account), [repo.state for repo in repos], [])

    def remove_repositories(self, installation_id: int, *repos: Repo) -> None:
        """Take repositories out of an installation that has selected ones."""
        one = self.world.state.installations[installation_id]
        one.repository_ids -= {repo.id for repo in repos}
        self.world.events.installation_repositories(one, self._sender(one.account), [], [repo.state for repo in repos])

    async def create_repository(
        self,
        full_name: str,
        files: Files,
        *,
        private: bool = False,
        default_branch: str = "main",
        author: str = "alice",
        message: str = "First commit",
        run_ci: bool = False,
    ) -> Repo:
        """Make a repository with one commit; its author becomes admin. CI runs on it only where asked."""
        repo = self._lay_out(full_name, private=private, default_branch=default_branch)
        made = Repo(self.world, repo)
        made.add_collaborator(author, "admin")
        who = self.world.person(self.world.state.account(author))
        sha = await repo.git.write_commit(files, parent=None, author=who, committer=who, message=message)
        ref = f"refs/heads/{default_branch}"
        await changes.move_ref(self.world, repo, ref, sha, self.world.state.account(author), run_ci=run_ci)
        return made

    def _lay_out(self, full_name: str, *, private: bool, default_branch: str, fork_of: Repository | None = None) -> Repository:
        login, _, name = full_name.partition("/")
        state = self.world.state
        if full_name.lower() in state.repositories:
            raise ValueError(f"{full_name} exists")
        owner = state.account(login, "User" if fork_of else "Organization")
        number = next(state.small)
        repo = Repository(
            id=number,
            owner=owner,
            name=name,
            private=private,
            default_branch=default_branch,
            created_at=state.clock(),
            git=Git(self.world.folder / f"{number}.git", self.world.pool),
            fork_of=fork_of,
        )
        repo.git.create(default_branch)
        state.repositories[full_name.lower()] = repo
        return repo

    async def fork(self, source: Repo, owner: str) -> Repo:
        """Fork a repository onto someone's account."""
        origin = source.state
        full_name = f"{owner}/{origin.name}"
        repo = self._lay_out(full_name, private=origin.private, default_branch=origin.default_branch, fork_of=origin)
        await repo.git.fetch_from(source.state.git)
        for branch, sha in (await source.branches()).items():
            await repo.git.set_ref(f"refs/heads/{branch}", sha, None)
        made = Repo(self.world, repo)
        made.add_collaborator(owner, "admin")
        return made

    def repository(self, full_name: str) -> Repo:
        """A repository by name. Raises KeyError."""
        return Repo(self.world, self.world.state.repositories[full_name.lower()])

    async def idle(self) -> None:
        """Wait until no CI run is under way and no delivery is pending. Raises what went wrong inside the stand-in."""
        while self.world.tasks or self.world.outbox.pending:
            if self.world.tasks:
                await asyncio.wait(list(self.world.tasks))
            await self.world.outbox.idle()
        if self.world.failures:
            raise self.world.failures[0]
