"""The ways out of the process, in one frozen value: what a use case may touch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.model.spending import Budget
from app.domain.policy import Ceilings
from app.domain.verification import Patience
from app.github.connect import GitHub
from app.llm.model import Model
from storage.database import Database

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Database, GitHub and clock, with the server's own limits. Made once, by ``app.bootstrap``."""

    db: Database
    github: GitHub
    clock: Clock
    app_id: int
    ceilings: Ceilings
    patience: Patience = field(default_factory=Patience)
    log_retry_seconds: float = 20.0  # before a log that was not there (404) is asked for once more
    model: Model | None = None  # null: none is configured, and DevFlowFix is useful without
    model_budget: Budget = field(default_factory=Budget)  # of one candidate
    app_slug: str = ""  # our App's own name on this host; empty while it could not be asked for
    auto_pull_requests: bool = True  # off: explain and show the diff, push nothing
    accounts: frozenset[str] = frozenset()  # logins served, lower case; empty: all
    web_url: str = "https://github.com"  # of the host, for links

    def serves(self, login: str) -> bool:
        """Tell whether this server works for an account."""
        return not self.accounts or login.lower() in self.accounts
