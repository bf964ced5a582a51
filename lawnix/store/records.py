"""Records: what a journal line says, between the values of the core and their written form.

A record keeps its larger parts as JSON text: in that form they are written, read and indexed, and only what somebody
asks for is made a value again, by `values`.
"""

import json
from typing import NamedTuple

dump = json.JSONEncoder(separators=(",", ":")).encode  # in ASCII, so a record is one line for everyone


class CodeRecord(NamedTuple):
    """The components of tracked code."""

    digest: str
    components: str

    def text(self) -> str:
        """The JSON text of the record."""
        return f'{{"code":"{self.digest}","components":{self.components}}}'


class WordingRecord(NamedTuple):
    """How a component of code is written."""

    digest: str
    words: str

    def text(self) -> str:
        """The JSON text of the record."""
        return f'{{"component":"{self.digest}","words":{dump(self.words)}}}'


class DerivationRecord(NamedTuple):
    """A derivation; `at` is when it was recorded, in ns since the epoch."""

    digest: str
    at: int
    lineage: str
    label: str
    body: str

    def text(self) -> str:
        """The JSON text of the record."""
        return (
            f'{{"derivation":"{self.digest}","at":{self.at},"lineage":"{self.lineage}",'
            f'"label":{dump(self.label)},"body":{self.body}}}'
        )


class GroupRecord(NamedTuple):
    """A group."""

    digest: str
    label: str
    members: str

    def text(self) -> str:
        """The JSON text of the record."""
        return f'{{"group":"{self.digest}","label":{dump(self.label)},"members":{self.members}}}'


class RealizationRecord(NamedTuple):
    """A realization; `sizes` are the bytes of its objects, as far as they are known."""

    digest: str
    key: str
    derivation: str
    at: int
    outputs: str
    detail: str
    sizes: str

    def text(self) -> str:
        """The JSON text of the record."""
        return (
            f'{{"realization":"{self.digest}","key":"{self.key}","derivation":"{self.derivation}","at":{self.at},'
            f'"outputs":{self.outputs},"detail":{self.detail},"sizes":{self.sizes}}}'
        )


class ForgetRecord(NamedTuple):
    """That a realization is not to be used any more."""

    digest: str
    key: str
    at: int
    reason: str

    def text(self) -> str:
        """The JSON text of the record."""
        return f'{{"forget":"{self.digest}","key":"{self.key}","at":{self.at},"reason":{dump(self.reason)}}}'


class MeaningRecord(NamedTuple):
    """What an object means by a method that is not the one of the build."""

    object: str
    method: str
    digest: str

    def text(self) -> str:
        """The JSON text of the record."""
        return f'{{"object":{dump(self.object)},"method":{dump(self.method)},"meaning":"{self.digest}"}}'


class VerdictRecord(NamedTuple):
    """What a check has shown about a realization that was assumed."""

    digest: str
    at: int
    said: str

    def text(self) -> str:
        """The JSON text of the record."""
        return f'{{"verdict":"{self.digest}","at":{self.at},"said":{self.said}}}'


Record = (
    CodeRecord
    | WordingRecord
    | DerivationRecord
    | GroupRecord
    | RealizationRecord
    | ForgetRecord
    | MeaningRecord
    | VerdictRecord
)


def parse(text: bytes) -> Record | None:
    """The record that a text written by `text()` says; None for a kind that only later versions know."""
    match json.loads(text):
        case {
            "realization": digest,
            "key": key,
            "derivation": derivation,
            "at": at,
            "outputs": outputs,
            **more,
        }:
            detail, sizes = more.get("detail", {}), more.get("sizes", {})
            return RealizationRecord(digest, key, derivation, at, dump(outputs), dump(detail), dump(sizes))
        case {"derivation": digest, "at": at, "lineage": lineage, "label": label, "body": body}:
            return DerivationRecord(digest, at, lineage, label, dump(body))
        case {"forget": digest, "key": key, "at": at, "reason": reason}:
            return ForgetRecord(digest, key, at, reason)
        case {"group": digest, "label": label, "members": members}:
            return GroupRecord(digest, label, dump(members))
        case {"code": digest, "components": components}:
            return CodeRecord(digest, dump(components))
        case {"component": digest, "words": words}:
            return WordingRecord(digest, words)
        case {"object": path, "method": method, "meaning": digest}:
            return MeaningRecord(path, method, digest)
        case {"verdict": digest, "at": at, "said": said}:
            return VerdictRecord(digest, at, dump(said))
        case _:
            return None
