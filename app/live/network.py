"""What the hubs of several servers tell one another over Redis; with no Redis, nothing.

Redis only carries hints (pub/sub promises nothing): whatever may have been lost is noticed, and tabs then fetch it from
the database. Every hub numbers what it publishes and publishes at least a beat every two seconds; so a gap in another's
numbers, another's silence, and being cut off oneself are all seen within seconds.
"""

import logging
import queue
import secrets
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import redis

from app.live import pushes
from app.live.hub import Hub
from app.live.pushes import Order

log = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
SILENCE_SECONDS = 7.0  # three beats
RETRY_SECONDS = 0.5
STAMP = struct.Struct("!8sQ")  # who says it, and how many things they have said
AT_ONCE = 256  # published in one round trip


@dataclass(slots=True)
class Other:
    """Another server's hub, as heard of."""

    number: int
    heard_at: float
    people: set[int] = field(default_factory=set)


class Network:
    """The place of a hub among others; ``stirred`` is called with the people who came or left elsewhere."""

    def __init__(self, hub: Hub, url: str, stirred: Callable[[list[int]], None]) -> None:
        self.hub, self.url, self.stirred = hub, url, stirred
        self.name = secrets.token_bytes(8)
        self.counts: Counter[str] = Counter()
        self.lag = 0.0
        self.connected = False
        self._others: dict[bytes, Other] = {}
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._own_beat_at = 0.0

    def start(self, again: bool = False) -> None:
        """Begin to speak and to listen; ``again`` after a hub died, which may have left something unsaid."""
        if self.url:
            if again:
                self.publish("recall")
            for target in (self._speak, self._listen):
                self._threads.append(threading.Thread(target=target, name=f"network {target.__name__}", daemon=True))
                self._threads[-1].start()
            self.publish("who")

    def stop(self) -> None:
        """Say good-bye, so that the others need not think that something was lost."""
        if self.url:
            self.publish("bye")
            self._outgoing.put(None)
            self._threads[0].join(0.5)
            self._stopping.set()

    def publish(self, verb: str, *arguments: object) -> None:
        """Tell the other hubs something."""
        self.forward(pushes.write(verb, *arguments))

    def forward(self, written: bytes) -> None:
        """Pass on an order as it came."""
        if self.url:
            self._outgoing.put(written)

    def online(self, people: Iterable[int]) -> set[int]:
        """Return which of these people have a tab open at another server."""
        return {person for person in people for other in list(self._others.values()) if person in other.people}

    def state(self) -> dict[str, float]:
        """Return what there is to count; nothing where there is no Redis."""
        if not self.url:
            return {}
        return {**self.counts, "bus_connected": int(self.connected), "bus_lag_seconds": self.lag}

    def sweep(self, now: float) -> None:
        """Note who has fallen silent; called about once a second in the hub's thread."""
        for name, other in list(self._others.items()):
            if now - other.heard_at > SILENCE_SECONDS:
                log.warning("another server has fallen silent")
                del self._others[name]
                self._missed()
                self.stirred(list(other.people))

    def _missed(self) -> None:
        self.counts["bus_gaps"] += 1
        self.hub.recall()

    # --- Speaking, in a thread of its own: Redis may be slow, and keeps nobody waiting.

    def _speak(self) -> None:
        number, client, last = 0, self._client(), False
        while not last:
            batch = self._next_batch()
            last = None in batch
            try:
                pipeline = client.pipeline(transaction=False)
                for written in batch:
                    if written is not None:
                        number += 1
                        pipeline.publish(self._channel(client), STAMP.pack(self.name, number) + written)
                pipeline.execute()
            except redis.RedisError:
                # What was to be said is lost; the numbers go on, and so the others will notice.
                self.counts["bus_failures"] += 1
                self._stopping.wait(RETRY_SECONDS)

    def _next_batch(self) -> list[bytes | None]:
        try:
            batch = [self._outgoing.get(timeout=BEAT_SECONDS)]
        except queue.Empty:
            return [pushes.write("beat", time.monotonic())]
        while len(batch) < AT_ONCE and not self._outgoing.empty():
            batch.append(self._outgoing.get())
        return batch

    # --- Listening, in a thread of its own.

    def _listen(self) -> None:
        first = True
        while not self._stopping.is_set():
            try:
                client = self._client()
                with client.pubsub() as ear:
                    ear.subscribe(self._channel(client))
                    self._subscribed(first)
                    first = False
                    while not self._stopping.is_set():
                        if heard := ear.get_message(timeout=1.0):
                            self._take(heard)
                        if time.monotonic() - self._own_beat_at > SILENCE_SECONDS:
                            raise redis.ConnectionError("what is said here is not heard here")
            except redis.RedisError as reason:
                if self.connected or first:
                    log.warning("Redis is away: %s", reason)
                self.connected, first = False, False
                self._stopping.wait(RETRY_SECONDS)

    def _subscribed(self, first: bool) -> None:
        if not first:
            log.warning("Redis is back")
        self.connected = True
        self._own_beat_at = time.monotonic()
        self._others.clear()
        self.publish("who")
        if not first:
            self._missed()

    def _take(self, message: dict[str, object]) -> None:
        try:
            self._heard(message)
        except Exception:  # another version of this program, or no program of ours
            log.exception("what was heard over Redis made no sense")
            self._missed()

    def _heard(self, message: dict[str, object]) -> None:
        if message["type"] != "message":
            return
        heard: bytes = message["data"]  # type: ignore[assignment]
        name, number = STAMP.unpack_from(heard)
        order = pushes.read(heard[STAMP.size :])
        now = time.monotonic()
        if name == self.name:
            self._own_beat_at = now
            if order.verb == "beat":
                self.lag = now - order.arguments[0]  # type: ignore[operator]
            return
        other = self._others.get(name)
        if other is None:
            other = self._others[name] = Other(number, now)
            self.publish("who")
        elif number != other.number + 1:
            log.warning("something another server said was not heard")
            self._missed()
            self.publish("who")
        other.number, other.heard_at = number, now
        self.counts["bus_received"] += 1
        DEEDS[order.verb](self, other, order, name)

    # --- What the others say.

    def _push(self, other: Other, order: Order, name: bytes) -> None:
        self.hub.push(pushes.read_push(order))

    def _close_person(self, other: Other, order: Order, name: bytes) -> None:
        self.hub.close_person(*order.arguments)  # type: ignore[arg-type]

    def _close_session(self, other: Other, order: Order, name: bytes) -> None:
        self.hub.close_session(*order.arguments)  # type: ignore[arg-type]

    def _recall(self, other: Other, order: Order, name: bytes) -> None:
        self.hub.recall()

    def _who(self, other: Other, order: Order, name: bytes) -> None:
        self.publish("here", self.hub.people())

    def _here(self, other: Other, order: Order, name: bytes) -> None:
        people: set[int] = set(order.arguments[0])  # type: ignore[call-overload]
        changed = people ^ other.people
        other.people = people
        if changed:
            self.stirred(list(changed))

    def _stirred(self, other: Other, order: Order, name: bytes) -> None:
        came: list[int]
        left: list[int]
        came, left = order.arguments  # type: ignore[assignment]
        other.people = (other.people | set(came)) - set(left)
        self.stirred([*came, *left])

    def _bye(self, other: Other, order: Order, name: bytes) -> None:
        del self._others[name]
        self.stirred(list(other.people))

    def _beat(self, other: Other, order: Order, name: bytes) -> None:
        """Nothing but a sign of life."""

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=3, socket_connect_timeout=3, socket_keepalive=True)

    def _channel(self, client: redis.Redis) -> str:
        # Pub/sub does not keep databases apart, and two communities may share one Redis.
        return f"world-it/{client.connection_pool.connection_kwargs.get('db') or 0}"


DEEDS: dict[str, Callable[[Network, Other, Order, bytes], None]] = {
    "push": Network._push,
    "close_person": Network._close_person,
    "close_session": Network._close_session,
    "recall": Network._recall,
    "who": Network._who,
    "here": Network._here,
    "stirred": Network._stirred,
    "bye": Network._bye,
    "beat": Network._beat,
}
