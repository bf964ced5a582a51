"""Difference: how two derivations differ, in words."""

from collections.abc import Mapping, Sequence
from typing import Final

from lawnix.core.derivation import Derivation
from lawnix.core.wording import CodeChange

_ABSENT = object()  # None is the value of a variable that is not set
_UNKNOWN = CodeChange()
_NAMED: Final = 3  # parts of a sandbox that are named


def difference(
    old: Derivation,
    new: Derivation,
    code: CodeChange = _UNKNOWN,
    rebuilt: Mapping[str, str] | None = None,
    sandbox: str = "",
) -> tuple[str, ...]:
    """What `new` has that `old` had not, one statement each; empty if they are one derivation.

    Args:
        old: The one.
        new: The other.
        code: What is known of how their code differs.
        rebuilt: What was built anew of inputs that changed, by role, in words.
        sandbox: What is known of how their sandboxes differ, in words.
    """
    statements = [
        *_mapping("parameter", old.parameters, new.parameters),
        *([] if old.code == new.code else code.statements or ["code changed"]),
        *_branch(old, new),
        *_inputs(old, new, rebuilt or {}),
        *_outputs(old, new),
        *_mapping("environment variable", old.environment, new.environment),
    ]
    if old.sandbox != new.sandbox:
        statements.append(f"sandbox changed: {sandbox}" if sandbox else "sandbox changed")
    if old.reads_parameters != new.reads_parameters:
        how = "now" if new.reads_parameters else "no longer"
        statements.append(f"code {how} reads the tasks that are required, not only their outputs")
    if old.fixed_output != new.fixed_output:
        statements.append(f"expected digest {old.fixed_output} → {new.fixed_output}")
    return tuple(statements)


def sandbox_change(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """How two sandboxes differ that are made of these parts, in words; empty if that is not known."""
    if not old or not new:
        return ""
    changes = [
        f"{name} {old.get(name, 'none')} → {new.get(name, 'none')}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    more = f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
    return ", ".join(changes[:_NAMED]) + more


def distance(old: Derivation, new: Derivation) -> int:
    """How many parts differ; the nearest relative of a derivation is the one with the smallest distance."""
    pairs: Sequence[tuple[object, object]] = (
        (old.code, new.code),
        (old.sandbox, new.sandbox),
        (old.fixed_output, new.fixed_output),
        (old.outputs, new.outputs),
        (old.reads_parameters, new.reads_parameters),
    )
    count = sum(before != after for before, after in pairs)
    for before, after in (
        (old.parameters, new.parameters),
        (old.inputs, new.inputs),
        (old.environment, new.environment),
    ):
        count += sum(before.get(name, _ABSENT) != after.get(name, _ABSENT) for name in {*before, *after})
    # another branch is a farther relative than any change of one's own
    return count + 100 * ((old.branch and old.branch[1]) != (new.branch and new.branch[1]))


def _mapping(what: str, old: Mapping[str, str | None], new: Mapping[str, str | None]) -> list[str]:
    statements = []
    for name in sorted({*old, *new}):
        if name not in old:
            statements.append(f"{what} `{name}` added ({new[name]})")
        elif name not in new:
            statements.append(f"{what} `{name}` removed (was {old[name]})")
        elif old[name] != new[name]:
            statements.append(f"{what} `{name}` {old[name]} → {new[name]}")
    return statements


def _branch(old: Derivation, new: Derivation) -> list[str]:
    (before, old_digest), (after, new_digest) = old.branch or ("none", None), new.branch or ("none", None)
    return [] if old_digest == new_digest else [f"branch data {before} → {after}"]


def _inputs(old: Derivation, new: Derivation, rebuilt: Mapping[str, str]) -> list[str]:
    statements = []
    for role in sorted({*old.inputs, *new.inputs}):
        before, after = old.inputs.get(role), new.inputs.get(role)
        shown = f"`{role}`" if role else ""
        if before is None and after is not None:
            statements.append(f"input {shown} added ({after.label})")
        elif after is None and before is not None:
            statements.append(f"input {shown} removed ({before.label})")
        elif role in rebuilt:
            statements.append(f"input {shown} changed content ({rebuilt[role]})".replace("  ", " "))
        elif before is not None and after is not None and before != after:
            statements.append(f"input {shown} ({after.label}) changed".replace("  ", " "))
    return statements


def _outputs(old: Derivation, new: Derivation) -> list[str]:
    before = {spec.name: spec for spec in old.outputs}
    after = {spec.name: spec for spec in new.outputs}
    statements = [f"output `{name}` added" for name in after if name not in before]
    statements += [f"output `{name}` removed" for name in before if name not in after]
    statements += [
        f"declaration of output `{name}` changed"
        for name in after
        if name in before and after[name] != before[name]
    ]
    return statements
