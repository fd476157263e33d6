"""Everything that went over the wire of a stand-in, held against GitHub's published descriptions."""

from dataclasses import dataclass
from functools import cache

from app.emulator.github import GitHub
from app.emulator.server import Exchange
from tests.contract import published
from tests.contract.graph import Graph
from tests.contract.hooks import Hooks
from tests.contract.rest import RestApi, Sent


@dataclass(frozen=True, slots=True)
class Contract:
    """GitHub's descriptions, compiled."""

    rest: RestApi
    graph: Graph
    hooks: Hooks

    def of_exchange(self, one: Exchange) -> list[str]:
        """Say what of a request or its answer GitHub would not take or give."""
        if one.template == "/graphql" or one.path == "/graphql":
            failed = one.fault or one.status != 200
            return self.graph.problems(one.request, one.response, failed_on_purpose=failed)
        sent = Sent(
            method=one.method,
            path=one.path,
            query=one.query,
            request=one.request,
            status=one.status,
            response=None if one.status == 304 else one.response,
            refused_on_purpose=one.fault,
        )
        return self.rest.problems(sent)


@cache
def contract() -> Contract:
    """The descriptions, read once in a process. Raises NotAtHandError."""
    rest = RestApi(published.rest())
    return Contract(rest, Graph(published.graphql()), Hooks(rest.schemas))


def as_github_describes(github: GitHub) -> None:
    """Fail where a stand-in was asked, answered or told something that GitHub would not; silent where nothing is installed.

    The tests of this folder are skipped by name then.
    """
    try:
        told = check_exchanges(github)
    except published.NotAtHandError:
        return
    if told:
        raise AssertionError("not as GitHub describes it:\n" + "\n".join(told))


def check_exchanges(github: GitHub) -> list[str]:
    """Say what of all requests, answers and deliveries of a stand-in is not as GitHub describes it; each once."""
    held = contract()
    told = [problem for one in github.requests for problem in held.of_exchange(one)]
    told += [problem for one in github.deliveries for problem in held.hooks.problems(one.event, one.payload)]
    return list(dict.fromkeys(told))
