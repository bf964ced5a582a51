"""The tables of an index, and how records come into them: of two records of one thing the later counts."""

from collections.abc import Mapping
from typing import Final

from lawnix.store.records import (
    CodeRecord,
    DerivationRecord,
    ForgetRecord,
    GroupRecord,
    MeaningRecord,
    RealizationRecord,
    VerdictRecord,
    WordingRecord,
)

VERSION: Final = 4  # of the tables; an index of another version is made anew

# Digests come in no order: in theirs, long rows would each change another page of the file. So those of which there are
# very many lie one after the other, and short entries tell where.
TABLES: Final = """
CREATE TABLE journals (name TEXT PRIMARY KEY, end INTEGER NOT NULL, latest INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE codes (digest TEXT PRIMARY KEY, components TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE wordings (digest TEXT PRIMARY KEY, words TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE derivations (
    digest TEXT PRIMARY KEY, at INTEGER NOT NULL, lineage TEXT NOT NULL, label TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX families ON derivations (label, at);
CREATE INDEX lineages ON derivations (lineage, at);
CREATE TABLE groups (digest TEXT PRIMARY KEY, label TEXT NOT NULL, members TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE realizations (
    key TEXT, digest TEXT, derivation TEXT NOT NULL DEFAULT '', recorded INTEGER NOT NULL DEFAULT 0,
    forgotten INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', outputs TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (key, digest)
);
CREATE INDEX names ON realizations (digest);
CREATE INDEX origins ON realizations (derivation);
CREATE TABLE sizes (object TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meanings (object TEXT, method TEXT, digest TEXT NOT NULL, PRIMARY KEY (object, method)) WITHOUT ROWID;
CREATE INDEX senses ON meanings (digest);
CREATE TABLE verdicts (digest TEXT PRIMARY KEY, at INTEGER NOT NULL, said TEXT NOT NULL) WITHOUT ROWID;
"""

TABLE_NAMES: Final = (
    "journals", "codes", "wordings", "derivations", "groups", "realizations", "sizes", "meanings", "verdicts"
)  # fmt: skip

INSERT: Final[Mapping[type, str]] = {
    CodeRecord: "INSERT OR IGNORE INTO codes VALUES (?, ?)",
    WordingRecord: "INSERT OR IGNORE INTO wordings VALUES (?, ?)",
    DerivationRecord: (
        "INSERT INTO derivations VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, "
        "lineage = excluded.lineage, label = excluded.label, body = excluded.body WHERE excluded.at < at"
    ),
    GroupRecord: "INSERT OR IGNORE INTO groups VALUES (?, ?, ?)",
    RealizationRecord: (
        "INSERT INTO realizations (digest, key, derivation, recorded, outputs, detail) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET recorded = excluded.recorded, derivation = excluded.derivation, "
        "outputs = excluded.outputs, detail = excluded.detail WHERE excluded.recorded > recorded"
    ),
    ForgetRecord: (
        "INSERT INTO realizations (digest, key, forgotten, reason) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET forgotten = excluded.forgotten, reason = excluded.reason WHERE excluded.forgotten > forgotten"
    ),
    MeaningRecord: "INSERT OR IGNORE INTO meanings VALUES (?, ?, ?)",
    VerdictRecord: (
        "INSERT INTO verdicts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, said = excluded.said "
        "WHERE excluded.at > at"
    ),
}
