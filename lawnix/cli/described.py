"""Derivations and realizations as people and programs read them."""

import time
from dataclasses import asdict
from typing import Any

from rich.text import Text

from lawnix.core.derivation import Derivation
from lawnix.core.realization import BuildRecord, Read, Realization, Verdict
from lawnix.store.local import LocalStore
from lawnix.task.code.views import path_for_people, path_of


def derivation_as_dict(derivation: Derivation) -> dict[str, Any]:
    """All that decides the result."""
    return {
        "digest": derivation.digest,
        "family": derivation.label,
        "parameters": dict(derivation.parameters),
        "branch": derivation.branch[0] if derivation.branch else None,
        "code": derivation.code,
        "inputs": {
            role: {"from": each.source.value, "family": each.label, "digest": each.digest}
            for role, each in derivation.inputs.items()
        },
        "outputs": [spec.name for spec in derivation.outputs],
        "sandbox": derivation.sandbox,
        "environment": dict(derivation.environment),
        "fixed_output": derivation.fixed_output,
    }


def realization_as_dict(store: LocalStore, realization: Realization) -> dict[str, Any]:
    """What a build left, and its record."""
    record = realization.record
    return {
        "digest": realization.digest,
        "key": realization.key,
        "derivation": realization.derivation,
        "outputs": outputs_of(store, realization),
        "found": [list(found.task) for found in realization.found],
        "reads": [
            {"place": _place(read), "question": read.question, "answer": read.shown}
            for read in realization.reads
        ],
        "record": {
            "started": record.started,
            "wall": record.wall,
            "cpu": record.cpu,
            "memory": record.memory,
            "size": record.size,
            "host": record.host,
            "user": record.user,
            "pid": record.pid,
            "versions": dict(record.versions),
            "environment": dict(record.environment),
            "logged": record.logged,
            "adopted": dict(record.adopted) or None,
            "observed": record.observed,
            "assumed": dict(record.assumed) or None,
            "sources": dict(record.sources),
        },
        "verdict": asdict(verdict) if (verdict := _verdict(store, realization)) else None,
    }


def _place(read: Read) -> str:
    return path_for_people(read.view, path_of(read.path))


def outputs_of(store: LocalStore, realization: Realization) -> dict[str, dict[str, Any] | None]:
    """The outputs by name, with their places; None for one that was left out."""
    paths = [path for path in realization.outputs.values() if path is not None]
    sizes = store.trace.sizes(paths)
    present = store.present(paths)
    return {
        name: None
        if path is None
        else {
            "object": str(path),
            "location": str(store.location(path)),
            "size": sizes.get(path),
            "present": path in present,
        }
        for name, path in realization.outputs.items()
    }


def derivation_lines(derivation: Derivation) -> list[tuple[str, str]]:
    """What `derivation_as_dict` tells, in pairs of a word and a text."""
    lines: list[tuple[str, str]] = [("family", derivation.label), ("derivation", derivation.digest)]
    lines += [("parameter", f"{name} = {value}") for name, value in derivation.parameters.items()]
    lines += [("branch", derivation.branch[0])] if derivation.branch else []
    lines += [("code", derivation.code)]
    lines += [
        ("input", f"{f'{role}: ' if role else ''}{each.label} ({each.source.value} {each.digest})")
        for role, each in derivation.inputs.items()
    ]
    if derivation.sandbox:
        lines.append(("sandbox", f"{derivation.sandbox} (lawnix sandbox show {derivation.sandbox[:12]})"))
    lines += [("environment", f"{name} = {value}") for name, value in derivation.environment.items()]
    lines += [("expected", derivation.fixed_output)] if derivation.fixed_output else []
    return lines


def realization_lines(store: LocalStore, realization: Realization) -> list[tuple[str, str]]:
    """What `realization_as_dict` tells, in pairs of a word and a text."""
    record = realization.record
    lines: list[tuple[str, str]] = [("realization", realization.digest), ("key", realization.key)]
    for name, output in outputs_of(store, realization).items():
        if output is None:
            lines.append(("output", f"{name}: left out"))
        else:
            state = size_in_words(output["size"]) if output["present"] else "collected or damaged"
            lines.append(("output", f"{name}: {state}, {output['location']}"))
    lines += [
        ("found", f"{family} {dict(parameters)}")
        for _, family, parameters in (f.task for f in realization.found)
    ]
    lines += [("read", f"{_place(read)} {read.shown}") for read in realization.reads]
    lines += _assumed_lines(record) if record.assumed else _built_lines(record)
    if verdict := _verdict(store, realization):
        word = "verified" if verdict.is_same else "refuted"
        lines.append((word, f"{moment(verdict.at)} by {verdict.by}: {verdict.words}"))
    if record.adopted:
        said = record.adopted
        lines.append(
            ("adopted", f"{moment(float(said['at']))} by {said['by']} from {said['from']}: {said['sample']}")
        )
    for word, names in (record.observed or {}).items():
        kind = "unwatched" if word == "beyond" else "undeclared"
        lines += [(kind, name if word == "beyond" else f"{word}: {name}") for name in names]
    lines += [("log", f"lawnix log {realization.digest[:12]}")] if record.logged else []
    return lines


def _verdict(store: LocalStore, realization: Realization) -> Verdict | None:
    if realization.mark != "assumed":
        return None
    return store.verdicts([realization.digest]).get(realization.digest)


def _built_lines(record: BuildRecord) -> list[tuple[str, str]]:
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    memory = size_in_words(record.memory)
    return [
        ("built", f"{moment(record.started)} by {record.user} on {record.host} (process {record.pid})"),
        ("took", f"{record.wall:.2f} s, {record.cpu:.2f} s of CPU, up to {memory} of memory"),
        ("with", versions),
    ]


def _assumed_lines(record: BuildRecord) -> list[tuple[str, str]]:
    said = record.assumed
    written = f"; written {moment(record.started)}" if record.started else ""
    return [
        ("assumed", f"{moment(float(said['at']))} by {said['by']}, {said['how']}{written}"),
        *(("from", f"{name}: {place}") for name, place in record.sources.items()),
    ]


def aligned(lines: list[tuple[str, str]]) -> Text:
    """Pairs of a word and a text, one below the other."""
    width = max((len(word) for word, _ in lines), default=0)
    return Text("\n").join(Text.assemble((f"{word:<{width}}  ", "cyan"), text) for word, text in lines)


def moment(seconds: float) -> str:
    """A time in seconds since the epoch as a local date and time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def size_in_words(size: int | None) -> str:
    """Bytes as people read them."""
    if size is None:
        return "unknown size"
    amount, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):  # the one that it stops at is used
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
