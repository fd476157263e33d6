"""Every decorated handler in one router: a module per GitHub event, named by what happened."""

from gidgethub.routing import Router

from handlers import check_suite, installation, pull_request, status, workflow_run

router = Router(check_suite.router, installation.router, pull_request.router, status.router, workflow_run.router)
