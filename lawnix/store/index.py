"""The index: a cache of the journals in SQLite, for fast look-ups of many things at once.

It may be lost at any time and is never ahead of the journals: a record is written there first. What two processes take
in twice, or in another order, comes out the same, since of two records of one thing the later counts.
"""

import json
import logging
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from lawnix.store import journal
from lawnix.store.pending import Pending
from lawnix.store.records import ForgetRecord, MeaningRecord, RealizationRecord, Record, VerdictRecord
from lawnix.store.tables import INSERT, TABLE_NAMES, TABLES, VERSION

logger = logging.getLogger(__name__)

_CHUNK: Final = 5000  # names in one query
_TIMED: Final = (RealizationRecord, ForgetRecord, VerdictRecord)

RealizationRow = tuple[int, str, str, str, str, str]
"""When it was recorded, digest, key, derivation, outputs, detail."""


class OtherVersionError(sqlite3.DatabaseError):
    """The tables are those of another release."""


class Index:
    """An index in an open database, of the journals in `directory`.

    Every method but `close` may raise `sqlite3.Error`; then the index is of no use any more.
    """

    def __init__(self, connection: sqlite3.Connection, directory: Path) -> None:
        self._directory = directory
        self._connection = connection
        self._ends: dict[str, int] = {}
        self._pending = Pending()
        self.clock = 0  # the latest time that any record has, in ns since the epoch
        self._prepare()

    def refresh(self) -> bool:
        """Take in what was appended to the journals; True if anything was, by whoever.

        Raises:
            AheadError: The index knows what the journals do not have, as after a power cut.
        """
        before = self._ends
        sizes = journal.journals(self._directory)
        if before.keys() <= sizes.keys() and all(sizes[name] == before.get(name, 0) for name in sizes):
            return False
        self._settle()
        self._look()
        if self._is_behind(sizes):
            with self._writing():
                self._look()  # another process may have taken them in since
                for name in sorted(sizes):
                    if sizes[name] > self._ends.get(name, 0):
                        self._take_from(name)
        return self._ends != before

    def rebuild(self) -> None:
        """Forget everything and take in the journals from their beginning."""
        self._pending.taken()
        with self._writing():
            for table in TABLE_NAMES:
                self._connection.execute(f"DELETE FROM {table}")
            self._ends = {}
            for name in sorted(journal.journals(self._directory)):
                self._take_from(name)

    def take(self, records: Sequence[Record], name: str, end: int) -> None:
        """Take in `records`, which are in the journal `name` as far as `end` by now; when somebody asks for them."""
        self._pending.add(records, name, end)
        self._ends[name] = end
        self.clock = max([self.clock, *(record.at for record in records if isinstance(record, _TIMED))])
        if self._pending.are_many:
            self._settle()

    def realizations(self, column: str, names: Collection[str]) -> list[RealizationRow]:
        """The realizations with these names in `column` that are not forgotten, in no order."""
        return self._select(
            "SELECT recorded, digest, t.key, derivation, outputs, detail FROM json_each(?) j CROSS JOIN realizations t "
            f"ON t.{column} = j.value WHERE recorded > forgotten",
            names,
        )

    def all_realizations(self) -> list[RealizationRow]:
        """All realizations that are not forgotten, in no order."""
        self._settle()
        return self._connection.execute(
            "SELECT recorded, digest, key, derivation, outputs, detail FROM realizations WHERE recorded > forgotten"
        ).fetchall()

    def names_under(self, keys: Collection[str]) -> list[tuple[str, str]]:
        """Key and digest of the realizations under these keys that are not forgotten, in no order."""
        return self._select(
            "SELECT t.key, t.digest FROM json_each(?) j CROSS JOIN realizations t ON t.key = j.value "
            "WHERE recorded > forgotten",
            keys,
        )

    @property
    def ends(self) -> Mapping[str, int]:
        """How far each journal was taken in, in bytes."""
        return self._ends

    def living(self, names: Collection[str]) -> set[str]:
        """Which of these realizations are known and not forgotten."""
        rows = self._select(
            "SELECT t.digest FROM json_each(?) j CROSS JOIN realizations t ON t.digest = j.value "
            "WHERE recorded > forgotten",
            names,
        )
        return {digest for (digest,) in rows}

    def known(self, table: str, names: Collection[str]) -> set[str]:
        """Which of these digests `table` has."""
        return {digest for (digest,) in self.rows(table, "digest", names)}

    def rows(self, table: str, columns: str, names: Collection[str]) -> list[tuple[str, ...]]:
        """These columns of `table` for these digests."""
        return self._select(
            f"SELECT {columns} FROM json_each(?) j CROSS JOIN {table} t ON t.digest = j.value", names
        )

    def family(self, label: str, limit: int) -> list[tuple[str, str, str]]:
        """Digest, label and body of the derivations with this label, the one recorded last at the front."""
        self._settle()
        query = "SELECT digest, label, body FROM derivations WHERE label = ? ORDER BY at DESC, digest LIMIT ?"
        return self._connection.execute(query, (label, limit)).fetchall()

    def relatives(self, lineages: Collection[str], limit: int) -> list[tuple[str, str, str, str]]:
        """Lineage, digest, label and body of the `limit` derivations of each lineage that were recorded last."""
        query = (
            "SELECT lineage, digest, label, body FROM (SELECT t.*, ROW_NUMBER() OVER "
            "(PARTITION BY t.lineage ORDER BY t.at DESC, t.digest) AS rank FROM json_each(?) j "
            "CROSS JOIN derivations t ON t.lineage = j.value) WHERE rank <= ? ORDER BY lineage, rank"
        )
        return self._select(query, lineages, limit)

    def forgotten(self, names: Collection[str]) -> dict[str, str]:
        """Those keys and derivations that have realizations, all of them forgotten, with the reason given last."""
        found: dict[str, str] = {}
        for column in ("key", "derivation"):
            query = (  # a bare column comes from the row of the only MAX()
                "SELECT name, reason, MAX(forgotten) FROM (SELECT j.value AS name, reason, forgotten, "
                "MAX(recorded > forgotten) OVER (PARTITION BY j.value) AS living FROM json_each(?) j "
                f"CROSS JOIN realizations t ON t.{column} = j.value) WHERE NOT living GROUP BY name"
            )
            found |= {name: reason for name, reason, _ in self._select(query, names)}
        return found

    def sizes(self, objects: Collection[str]) -> dict[str, int]:
        """Bytes of these objects, where known."""
        self._settle()  # a record has them all in one text
        query = "SELECT t.object, t.size FROM json_each(?) j CROSS JOIN sizes t ON t.object = j.value"
        return dict(self._select(query, objects))

    def meanings(self, objects: Collection[str]) -> list[tuple[str, str, str]]:
        """Object, method and digest of what these objects mean by later methods, and by that of the build then."""
        return self._select(
            "SELECT t.object, t.method, t.digest FROM json_each(?) j CROSS JOIN meanings t ON t.object = j.value",
            objects,
        )

    def same_meanings(self, digests: Collection[str]) -> list[tuple[str, str, str]]:
        """Each of these meanings, with method and digest of all that an object means that has it."""
        return self._select(
            "SELECT DISTINCT t.digest, o.method, o.digest FROM json_each(?) j CROSS JOIN meanings t "
            "ON t.digest = j.value CROSS JOIN meanings o ON o.object = t.object",
            digests,
        )

    def is_rehashed(self) -> bool:
        """Whether it is known of any object what it means by several methods."""
        if self._pending.has(MeaningRecord):
            return True
        return self._connection.execute("SELECT 1 FROM meanings LIMIT 1").fetchone() is not None

    def find(self, query: str, parameters: Sequence[object]) -> list[Any]:
        """What a question finds that people ask, see `search`."""
        self._settle()
        return self._connection.execute(query, parameters).fetchall()

    def everything(self) -> Iterator[tuple[object, ...]]:
        """All rows but those that say how far journals were read; two indices of one truth give the same."""
        self._settle()
        for table in TABLE_NAMES[1:]:
            for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
                yield (table, *row)

    def shrink(self) -> None:
        """Let go of what is in memory of the file; what is asked for next is read again."""
        with suppress(sqlite3.Error):  # who asks next is told
            self._connection.execute("PRAGMA shrink_memory")

    def close(self) -> None:
        """Let the file go; what is pending others find in the journals if it cannot be taken in."""
        try:
            self._settle()
        except sqlite3.Error as error:
            logger.debug("the index is left behind: %s", error)
        self._connection.close()

    def _prepare(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            with self._writing():
                # another process may have been faster
                (version,) = self._connection.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    for statement in filter(str.strip, TABLES.split(";")):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {VERSION}")
                elif version != VERSION:
                    raise OtherVersionError(f"index of version {version}, expected {VERSION}")
        self._look()

    def _look(self) -> None:
        """Read how far the journals are taken in."""
        rows = self._connection.execute("SELECT name, end, latest FROM journals").fetchall()
        self._ends = {name: end for name, end, _ in rows}
        self.clock = max([self.clock, *(latest for _, _, latest in rows)])

    def _settle(self) -> None:
        """Take in what is pending."""
        if self._pending:
            with self._writing():
                for name, (records, end) in self._pending.taken().items():
                    self._take(records, name, end)

    def _is_behind(self, sizes: Mapping[str, int]) -> bool:
        for name, end in self._ends.items():
            if end > sizes.get(name, 0):
                raise AheadError(name)
        return any(size > self._ends.get(name, 0) for name, size in sizes.items())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _take_from(self, name: str) -> None:
        begin = self._ends.get(name, 0)
        try:
            passage = journal.read(self._directory / name, begin)
        except FileNotFoundError:
            raise AheadError(name) from None  # folded into another in this moment
        if passage.end > begin:
            self._take(passage.records, name, passage.end)

    def _take(self, records: Iterable[Record], name: str, end: int) -> None:
        rows: dict[type, list[Sequence[Any]]] = {kind: [] for kind in INSERT}
        sizes: list[str] = []
        latest = 0
        for record in records:
            match record:
                case RealizationRecord():
                    rows[RealizationRecord].append(record[:-1])
                    sizes.append(record.sizes)
                    latest = max(latest, record.at)
                case ForgetRecord():
                    rows[ForgetRecord].append(record)
                    latest = max(latest, record.at)
                case VerdictRecord():
                    rows[VerdictRecord].append(record)
                    latest = max(latest, record.at)
                case _:
                    rows[type(record)].append(record)
        for kind, statement in INSERT.items():
            if rows[kind]:
                self._connection.executemany(statement, rows[kind])
        if sizes:
            each = (item for part in json.loads(f"[{','.join(sizes)}]") for item in part.items())
            self._connection.executemany("INSERT OR REPLACE INTO sizes VALUES (?, ?)", each)
        # never back: another process may have taken in more
        self._connection.execute(
            "INSERT INTO journals VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET end = MAX(end, excluded.end), "
            "latest = MAX(latest, excluded.latest)",
            (name, end, latest),
        )
        self._ends[name] = max(end, self._ends.get(name, 0))
        self.clock = max(self.clock, latest)

    def _select(self, query: str, names: Collection[str], *more: object) -> list[Any]:
        """What `query` finds for `names`, its first value, and `more` values."""
        if self._pending.concern(names):
            self._settle()
        found: list[Any] = []
        ordered = sorted(set(names))  # neighbours in a table are read together
        for start in range(0, len(ordered), _CHUNK):
            chunk = json.dumps(ordered[start : start + _CHUNK])
            found += self._connection.execute(query, (chunk, *more)).fetchall()
        return found


class AheadError(Exception):
    """The index has read more of a journal than there is."""
