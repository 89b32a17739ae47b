"""Which deeds travel through the queue? The queue only nudges: a lost or doubled message changes nothing."""

from dataclasses import dataclass
from typing import Any

import dramatiq
from dramatiq.brokers.stub import StubBroker

from gru.bootstrap import Office


@dataclass(frozen=True)
class Tasks:
    """Send these to have them done by some worker."""

    take_in: "dramatiq.Actor[Any, Any]"
    perform: "dramatiq.Actor[Any, Any]"


def broker_for(redis_url: str) -> dramatiq.Broker:
    """Redis where several hosts share the work; else a queue inside this process."""
    middleware: list[dramatiq.Middleware] = [dramatiq.middleware.ShutdownNotifications()]
    if redis_url:
        from dramatiq.brokers.redis import RedisBroker  # a sixth of what GRU imports, for a town on several hosts

        return RedisBroker(url=redis_url, middleware=middleware)  # type: ignore[no-untyped-call]  # dramatiq gives it no types
    return StubBroker(middleware=middleware)


def declare(broker: dramatiq.Broker, office: Office) -> Tasks:
    def take_in(keys: list[str]) -> None:
        office.intake.attempt(*keys)

    def perform(keys: list[str]) -> None:
        for key in keys:
            office.reactions.perform(key)

    return Tasks(
        take_in=dramatiq.actor(broker=broker, queue_name="intake")(take_in),
        perform=dramatiq.actor(broker=broker, queue_name="effects")(perform),
    )
