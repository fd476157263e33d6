"""The numbers this process counts; each application has its own, so that several can live in one process."""

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """Counters and gauges by name; the gauges are set when somebody asks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "devflowfix_deliveries", "Webhook deliveries by what became of them", ["result"], registry=self.registry
        )
        self.inbox = Gauge("devflowfix_inbox_deliveries", "Stored deliveries by state", ["state"], registry=self.registry)
        self.oldest_delivery = Gauge(
            "devflowfix_oldest_unhandled_delivery_seconds", "Age of the oldest open delivery", registry=self.registry
        )
        self.runs = Gauge("devflowfix_runs", "Durable runs by state", ["state"], registry=self.registry)
        self.oldest_run = Gauge("devflowfix_oldest_queued_run_seconds", "How long the oldest run waits", registry=self.registry)


METRICS = web.AppKey("metrics", Metrics)
