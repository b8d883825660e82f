"""The client: a connection's settings, and what is followed through it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from msgspec import Struct

from cohstream.client.filters import wanted
from cohstream.client.following import Following
from cohstream.client.items import CaughtUp, Unreadable, Update
from cohstream.client.memory import LogMemory, StateMemory
from cohstream.client.position import Position
from cohstream.errors import ConfigError
from cohstream.live.connection import reach
from cohstream.live.contract import PUBLIC
from cohstream.live.scan import SILENT_SECONDS
from cohstream.live.settings import LiveSettings, load_settings
from cohstream.live.topics import CHANGES, CURRENT, SETTINGS

V = TypeVar("V", bound=Struct)

TOPICS: dict[Any, str] = {one.value: one.topic for one in PUBLIC if one.value is not None and not one.is_input}


class Client:
    """Reads the topics of one deployment. Use it as an asynchronous context: at its end all following ends.

    Settings are those of the live driver: ``Client(brokers="kafka:9092", prefix="cohstream")``, else from the
    environment (``COHSTREAM_...``). Entering raises :class:`ConfigError` if a setting is wrong or no broker lets us in.
    """

    def __init__(self, settings: LiveSettings | None = None, **given: Any) -> None:
        self.settings = settings if settings is not None else load_settings(**given)
        self._followed: list[Following[Any]] = []

    async def __aenter__(self) -> Self:
        await reach(self.settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._followed:
            await one.aclose()
        self._followed.clear()

    def follow(
        self,
        model: type[V],
        /,
        *,
        where: Callable[[V], bool] | None = None,
        since: Position | str | None = None,
        **fields: Any,
    ) -> Following[V]:
        """What is believed so far, an :class:`Update` for each key; then :class:`CaughtUp`; then every update in order.

        ``model`` says of what: ``TallyValue``, ``IncidentValue``, ``AssessmentValue``, ``ClaimValue``; or
        ``ChangeValue``, of which every one since the beginning is told. ``fields`` and ``where`` choose, a field by one
        value or by a list of them. ``since`` is a position of a former following with the same choice: then only
        what came after it is told. In memory stays the value of each key that is followed and the revision of every
        key. Raises :class:`ConfigError` for a model without a topic, a choice that nothing can match, or no position.
        """
        return self._follow(model, where, since, fields, None)

    async def current(
        self, model: type[V], /, *, where: Callable[[V], bool] | None = None, **fields: Any
    ) -> dict[str, V]:
        """The present values by key. Raises :class:`ConfigError`, and :class:`RecordError` if one cannot be read."""
        if TOPICS.get(model) == CHANGES:
            raise ConfigError(f"{model.__name__} has no present state: each tells what happened; follow it")
        found: dict[str, V] = {}
        following = self._follow(model, where, None, fields, SILENT_SECONDS)
        try:
            async for item in following:
                match item:
                    case Update(key, value) if value is not None:
                        found[key] = value
                    case Unreadable():
                        raise item.error
                    case CaughtUp():
                        break
        finally:
            await following.aclose()
            self._followed.remove(following)
        return found

    def _follow(
        self,
        model: type[V],
        where: Callable[[V], bool] | None,
        since: Position | str | None,
        fields: dict[str, Any],
        patience: float | None,
    ) -> Following[V]:
        topic = TOPICS.get(model)
        if topic is None:
            names = ", ".join(one.__name__ for one in TOPICS)
            raise ConfigError(f"no topic holds {getattr(model, '__name__', model)}; follow one of: {names}")
        memory = (LogMemory if topic == CHANGES else StateMemory)(model, wanted(model, where, fields))
        following = Following(
            self.settings,
            self.settings.topic(topic),
            memory,
            SETTINGS[topic] is CURRENT,
            Position.of(since) if isinstance(since, str) else since,
            patience,
        )
        self._followed.append(following)
        return following
