"""State rows: Faust tables in RocksDB whose rows are written once a batch, and merged rather than overwritten.

A row is bytes under a key, and has an order: of two states of one row the later one is kept, wherever they meet
(recovery from the changelog, a second owner that wrote late). So a stale write does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import faust
from faust.stores.rocksdb import Store
from faust.types import TP
from rocksdict import WriteBatch

from cohstream.errors import StateError

Merge = Callable[[bytes, bytes], bytes]
"""From two states of one row the one to keep; raises ``ValueError`` if one of them is no row."""


class MergingStore(Store):
    """Faust's RocksDB store; recovery merges rows, and refuses what is no row instead of passing over it."""

    merge: Merge

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:  # noqa: ARG002
        """Take in records of the changelog. Raises :class:`StateError` for a record that is no row."""
        for event in batch:
            message = event.message
            database = self._db_for_partition(message.tp.partition)
            former = database.get(message.key)
            try:
                row = self.merge(message.value, former if former is not None else message.value)
            except (TypeError, ValueError) as error:
                fault = StateError(
                    f"offset {message.offset} of {message.tp.topic}, partition {message.tp.partition} is no state row "
                    f"({error}); rebuild by replay into another prefix"
                )
                self.add_future(self.app.crash(fault))  # Faust only warns of what recovery raises, and tries again
                raise fault from error
            database.put(message.key, row)


class RowTable(faust.Table[bytes, bytes]):
    """A table that agents read and write through :meth:`get_row` and :meth:`put_rows`, by partition."""

    def __init__(self, app: faust.App, name: str, merge: Merge, changelog: str, partitions: int) -> None:
        topic = app.topic(changelog, key_type=bytes, value_type=bytes, internal=False, partitions=partitions)
        super().__init__(
            app,
            name=name,
            key_type=bytes,
            value_type=bytes,
            partitions=partitions,
            changelog_topic=topic,
            recovery_buffer_size=5_000,
        )
        self._merge = merge

    def _new_store_by_url(self, url: Any) -> Any:
        store = MergingStore(
            url,
            self.app,
            self,
            table_name=self.name,
            key_type=bytes,
            key_serializer="raw",
            value_type=bytes,
            value_serializer="raw",
            options={},
        )
        store.merge = self._merge
        return store

    def get_row(self, partition: int, key: bytes) -> bytes | None:
        row: bytes | None = self._database(partition).get(key)
        return row

    def put_rows(self, partition: int, rows: dict[bytes, bytes], changelog_offset: int) -> None:
        """Write ``rows`` at once, with the offset up to which the changelog holds them."""
        batch = WriteBatch(raw_mode=True)
        for key, row in rows.items():
            batch.put(key, row)
        batch.put(MergingStore.offset_key, str(changelog_offset).encode())
        self._database(partition).write(batch)

    def rows(self, partition: int, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """The rows of a partition whose key begins with ``prefix``, by key."""
        for key, row in self._database(partition).items(from_key=prefix or None):
            if not key.startswith(prefix):
                return
            if key != MergingStore.offset_key:
                yield key, row

    def changelog_partition(self, partition: int) -> TP:
        return TP(self.changelog_topic_name, partition)

    def _database(self, partition: int) -> Any:
        store: Any = self.data
        return store._db_for_partition(partition)
