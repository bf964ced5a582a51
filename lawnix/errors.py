"""Every error that lawnix raises on purpose, as one tree.

    LawnixError
    ├── IdentityError                 what a task is cannot be written down
    │   ├── NoCanonicalFormError      a value has no canonical form
    │   ├── NoSourceError             a task class has neither source nor bytecode
    │   ├── UnknownGlobalError        a task's code reaches a value that has no digest
    │   └── InvalidDigestError        a text is no digest or object name
    ├── DeclarationError              what a task declares is not possible
    │   ├── DuplicateOutputError      two outputs with one name
    │   ├── OutputNameError           an output's name is not a plain file name
    │   ├── OutputTypeError           an output is neither a file nor a directory
    │   ├── NoSuchBranchError         a branch that is not in the branch map
    │   ├── NoSuchOutputError         an output that the task does not declare
    │   ├── ForeignOutputError        an output of a lawnix task is not a store target
    │   ├── LawOutputError            law_output() does not say where the outputs of output() lie
    │   ├── ResourceError             a task wants more of a resource than there is
    │   ├── UntrackableError          a value that cannot be kept out of the code digest
    │   ├── UntrackedTypeError        a value that cannot count as far as it is read
    │   ├── UnnamedViewError          a tracked view that cannot be found again
    │   ├── DuplicateFamilyError      two task classes with one name
    │   └── CycleError                tasks require each other in a circle
    ├── BuildError                    one build went wrong
    │   ├── MissingOutputError        a declared output was not written
    │   ├── EmptyOutputError          an output is empty and may not be
    │   ├── EscapingOutputError       an output is a link out of its build directory
    │   ├── OutputKindError           a file where a directory was declared, or the other way round
    │   ├── ChangedMeanwhileError     what it reads was changed while it went on
    │   ├── DamagedInputError         an input was changed in the store while it went on
    │   ├── DigestMismatchError       what arrived is not what was expected
    │   ├── NotAdoptedError           what lies elsewhere cannot be taken over
    │   ├── TaskFailedError           run() raised
    │   ├── WorkerDiedError           the process of a build ended before the build did
    │   ├── LeftBehindError           run() has returned, and processes that it started have not
    │   └── BuildTimeoutError         a build took longer than its worker_timeout
    ├── SandboxError                  a sandbox cannot be had
    │   └── IsolationError            nothing here can isolate a build as it is asked for
    ├── MissingInputError             a file that a task reads from outside is not there
    ├── ReadOnlyInputError            a task tried to write what it may only read
    ├── NotRealizedError              an output was read that nobody has built yet
    ├── StoreError                    the store cannot do what it is asked
    │   ├── StoreFormatError          a store of another format
    │   ├── StoreAccessError          a store that may not be written
    │   ├── StoreFullError            no space left
    │   └── StoreBusyError            others use a store that has to be at rest
    ├── SettingsError                 law.cfg says something that lawnix does not understand
    │   └── UnknownOptionError        an option that does not exist
    └── UsageError                    what was asked for cannot be understood
        ├── UnknownNameError          a task, parameter or realization that does not exist
        ├── AmbiguousNameError        a name that fits several things
        └── ParameterValueError       a parameter cannot have this value

A message says what, where, and the way out; the values it speaks of are attributes.
"""

from collections.abc import Sequence
from pathlib import Path


class LawnixError(Exception):
    """Base of all errors that lawnix raises on purpose."""


# --------------------------------------------------------------------------------------- identity


class IdentityError(LawnixError):
    """What a task is cannot be written down."""


class NoCanonicalFormError(IdentityError):
    """A value has no canonical form, so nothing that contains it can be digested."""

    def __init__(self, value: object, where: str = "") -> None:
        self.value_type = f"{type(value).__module__}.{type(value).__qualname__}"
        self.where = where
        shown = repr(value)
        place = f" at {where}" if where else ""
        super().__init__(
            f"{shown if len(shown) <= 80 else shown[:77] + '...'} of type {self.value_type}{place} has no "
            "canonical form; use None, bool, int, float (not NaN), str, bytes, list, tuple, dict with str keys, set, "
            "date, time, Decimal, Path, Enum, a frozen dataclass or a NumPy array of numbers, or keep it out of "
            "the identity (significant=False, or name it in exclude_params_identity)"
        )


class NoSourceError(IdentityError):
    """A task class has neither source nor bytecode, so its code cannot be digested."""

    def __init__(self, cls: str, member: str) -> None:
        self.cls, self.member = cls, member
        super().__init__(
            f"the code of {cls}.{member} cannot be found, neither as source nor as bytecode; define the class in a "
            f"file, or set a class attribute `version = 1` on {cls} that stands for its code"
        )


class UnknownGlobalError(IdentityError):
    """A task's code reaches a value that has no digest, and `[lawnix] unknown = error`."""

    def __init__(self, cls: str, name: str, reason: str) -> None:
        self.cls, self.name = cls, name
        super().__init__(
            f"the code of {cls} reaches {name}, which has no digest: {reason}; give its class a method "
            "__lawnix_digest__(), mark it with lawnix.untracked(), or set [lawnix] unknown = name"
        )


class InvalidDigestError(IdentityError):
    """A text is not the written form of a digest or an object name."""

    def __init__(self, text: str, expected: str) -> None:
        self.text = text
        super().__init__(f"{text!r} is not {expected}")


# ------------------------------------------------------------------------------------ declaration


class DeclarationError(LawnixError):
    """What a task declares is not possible."""


class DuplicateOutputError(DeclarationError):
    """Two outputs of one task have one name."""

    def __init__(self, task: str, name: str) -> None:
        self.task, self.name = task, name
        super().__init__(
            f"{task} declares two outputs named {name!r}; give each output() target its own file name"
        )


class OutputNameError(DeclarationError):
    """The name of an output is not a plain file name."""

    def __init__(self, task: str, name: str) -> None:
        self.task, self.name = task, name
        super().__init__(
            f"{task} declares an output named {name!r}, which is not a plain file name; a store target has no place, "
            'only a name such as "numbers.json"; for several files use a directory: self.target("plots", type="d")'
        )


class OutputTypeError(DeclarationError):
    """The type of an output is neither file nor directory."""

    def __init__(self, task: str, name: str, kind: object) -> None:
        self.task, self.name, self.kind = task, name, kind
        super().__init__(
            f'{task} declares {name!r} with type={kind!r}; it can be "f" for a file or "d" for a directory'
        )


class NoSuchBranchError(DeclarationError):
    """A branch that the branch map does not have."""

    def __init__(self, family: str, branch: int, branches: Sequence[int]) -> None:
        self.family, self.branch, self.branches = family, branch, tuple(branches)
        there = f"branches {min(branches)} to {max(branches)}" if branches else "no branches"
        super().__init__(f"{family} has {there}, not {branch}; see its create_branch_map()")


class NoSuchOutputError(DeclarationError):
    """An output is to be read that the task does not declare."""

    def __init__(self, family: str, role: str, roles: Sequence[str]) -> None:
        self.family, self.role, self.roles = family, role, tuple(roles)
        there = (
            f"outputs {', '.join(role or 'one without a name' for role in roles)}" if roles else "no outputs"
        )
        super().__init__(f"{family} has {there}, not {role}; see its output() and lawnix.only(…, {role!r})")


class ForeignOutputError(DeclarationError):
    """An output of a lawnix task is not a store target."""

    def __init__(self, task: str, target: str) -> None:
        self.task, self.target = task, target
        super().__init__(
            f"{task} declares the output {target}, which is no store target; use self.target(name) in output(), or "
            "derive the task from law.Task (or lawnix.ExternalTask) if its outputs have to lie at their own place"
        )


class LawOutputError(DeclarationError):
    """What law_output() of a task returns has another structure than output()."""

    def __init__(self, task: str, declared: Sequence[str], found: Sequence[str]) -> None:
        self.task, self.declared, self.found = task, tuple(declared), tuple(found)
        there, here = (
            ", ".join(role or "one without a name" for role in roles) or "none" for roles in (found, declared)
        )
        super().__init__(
            f"law_output() of {task} has the outputs {there}, and output() has {here}; both return the same structure, "
            "the one with law's targets, the other with self.target(name)"
        )


class ResourceError(DeclarationError):
    """A task wants more of a resource than there is."""

    def __init__(self, task: str, short: Sequence[str]) -> None:
        self.task, self.short = task, tuple(short)
        super().__init__(
            f"{task} needs more than there is of {', '.join(short)}; see [luigi_resources] in law.cfg"
        )


class UntrackableError(DeclarationError):
    """A value cannot be marked to be kept out of the code digest."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(
            f"{value!r} cannot be marked by lawnix.untracked(), since every {value!r} is the same one; mark what holds "
            "it, such as a dictionary, or the function that reads it"
        )


class UntrackedTypeError(DeclarationError):
    """A value cannot be tracked as far as it is read."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(
            f"{value!r} cannot be looked at through lawnix.tracked(), which takes mappings and objects with "
            "attributes; any other value counts as a whole where it is used, without being marked"
        )


class UnnamedViewError(DeclarationError):
    """A build read a tracked view that nobody can find again to see whether it still says the same."""

    def __init__(self, task: str) -> None:
        self.task = task
        super().__init__(
            f"{task} read a tracked view that its code does not reach by name, so nobody could tell later whether what "
            'was read still holds; keep it in a variable of a module, or name it: lawnix.tracked(..., name="config")'
        )


class DuplicateFamilyError(DeclarationError):
    """Two task classes have one family, and one run needs both."""

    def __init__(self, family: str, classes: Sequence[str]) -> None:
        self.family, self.classes = family, tuple(classes)
        super().__init__(
            f"{len(self.classes)} task classes are called {family}: {' and '.join(self.classes)}; rename one of them, "
            "or set a class attribute `task_namespace`"
        )


class CycleError(DeclarationError):
    """Tasks require each other in a circle."""

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        lines = "\n  requires ".join(self.cycle)
        super().__init__(
            f"tasks require each other in a circle:\n  {lines}\nremove one of these requirements"
        )


# ------------------------------------------------------------------------------------------ build


class BuildError(LawnixError):
    """One build went wrong; nothing of it enters the store."""


class MissingOutputError(BuildError):
    """A build did not write an output that it declares."""

    def __init__(self, task: str, names: Sequence[str]) -> None:
        self.task, self.names = task, tuple(names)
        super().__init__(
            f"{task} ended without writing its output {', '.join(map(repr, names))}; write it in run(), or declare "
            "it with self.target(name, optional=True)"
        )


class EmptyOutputError(BuildError):
    """An output is empty and may not be."""

    def __init__(self, task: str, names: Sequence[str]) -> None:
        self.task, self.names = task, tuple(names)
        super().__init__(
            f"{task} wrote an empty output {', '.join(map(repr, names))}; if that is meant, declare it with "
            "self.target(name, allow_empty=True)"
        )


class EscapingOutputError(BuildError):
    """An output is, or holds, a link out of its build directory."""

    def __init__(self, task: str, path: str, destination: str) -> None:
        self.task, self.path, self.destination = task, path, destination
        super().__init__(
            f"{task} wrote {path!r} as a link to {destination!r}, outside its output; a store can only keep what is in "
            "it: copy the file instead, or link relatively within a directory output"
        )


class OutputKindError(BuildError):
    """An output is a file where a directory was declared, or the other way round, or neither."""

    def __init__(self, task: str, name: str, expected: str, found: str) -> None:
        self.task, self.name, self.expected, self.found = task, name, expected, found
        super().__init__(
            f"{task} declares {name!r} as a {expected} but wrote a {found}; see self.target(name, type=…)"
        )


class ChangedMeanwhileError(BuildError):
    """What a build reads from outside was changed while the build went on."""

    def __init__(self, task: str, what: str) -> None:
        self.task, self.what = task, what
        super().__init__(
            f"{what} was changed while {task} was built; what was built is not known by what it was made from and is "
            "not kept: run again"
        )


class DamagedInputError(BuildError):
    """An input of a build was changed or removed in the store before the build ended."""

    def __init__(self, task: str, source: str, name: str, location: Path) -> None:
        self.task, self.source, self.name, self.location = task, source, name, location
        super().__init__(
            f"{name!r} of {source}, an input of {task}, was changed or removed in the store ({location}) before {task} "
            "ended; nothing made from it is kept, and the next run builds it anew: let run() write to self.output() "
            "alone, and edit copies of inputs"
        )


class DigestMismatchError(BuildError):
    """What arrived is not what was expected."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        self.what, self.expected, self.found = what, expected, found
        super().__init__(
            f"{what} has digest {found}, expected {expected}; either the source changed or it was damaged on the "
            "way: if the new content is meant, write the new digest into the task"
        )


class NotAdoptedError(BuildError):
    """What lies elsewhere cannot be taken over as the output of a task."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{place} is not taken over: {reason}")


class TaskFailedError(BuildError):
    """run() raised; the original traceback is in `traceback`."""

    def __init__(self, task: str, summary: str, traceback: str = "") -> None:
        self.task, self.summary, self.traceback = task, summary, traceback
        super().__init__(f"{task} failed: {summary}")


class WorkerDiedError(BuildError):
    """The process of a build ended before the build did."""

    def __init__(self, task: str, how: str, last_lines: Sequence[str] = ()) -> None:
        self.task, self.how, self.last_lines = task, how, tuple(last_lines)
        tail = "".join(f"\n  | {line}" for line in last_lines)
        super().__init__(
            f"the worker that built {task} died ({how}){'; its last output:' + tail if tail else ''}"
        )


class BuildTimeoutError(BuildError):
    """A build took longer than its worker_timeout."""

    def __init__(self, task: str, seconds: float) -> None:
        self.task, self.seconds = task, seconds
        super().__init__(
            f"{task} took longer than {seconds:g} s and was ended; see its worker_timeout attribute"
        )


class LeftBehindError(BuildError):
    """A build in a sandbox of its own has ended, and processes that it started have not."""

    def __init__(self, task: str, commands: Sequence[str]) -> None:
        self.task, self.commands = task, tuple(commands)
        super().__init__(
            f"{task} has left processes running, which were ended: {', '.join(self.commands)}; wait for them in run()"
        )


# -------------------------------------------------------------------------------------- sandboxes


class SandboxError(LawnixError):
    """A sandbox cannot be had."""

    def __init__(self, sandbox: str, reason: str) -> None:
        self.sandbox, self.reason = sandbox, reason
        super().__init__(f"the sandbox {sandbox} cannot be had: {reason}")


class IsolationError(SandboxError):
    """Nothing here can isolate a build as it is asked for."""

    def __init__(self, sandbox: str, why: str, way_out: str) -> None:
        self.why, self.way_out = why, way_out
        super().__init__(
            sandbox,
            f"[lawnix] isolation is enforce, and {why}; {way_out}, or set isolation to observe or trust",
        )


# ----------------------------------------------------------------------------------------- inputs


class MissingInputError(LawnixError):
    """A file that a task reads from outside is not there."""

    def __init__(self, task: str, uri: str) -> None:
        self.task, self.uri = task, uri
        super().__init__(
            f"{uri}, the output of the external task {task}, does not exist; put it there, then run again"
        )


class ReadOnlyInputError(LawnixError):
    """A task tried to write what it may only read."""

    def __init__(self, path: str, what: str = "an input") -> None:
        self.path = path
        super().__init__(f"{path} is {what} in the store and read-only; write to self.output() instead")


class NotRealizedError(LawnixError):
    """An output, or all that a task makes, is asked for, and nobody has built it from what the task is made of now."""

    def __init__(self, task: str, name: str = "") -> None:
        self.task, self.name = task, name
        what = f"{name!r} of {task} is not in the store" if name else f"{task} is not built as it is now"
        super().__init__(f"{what}; run the task first: law run {task.partition('(')[0]} …")


# ------------------------------------------------------------------------------------------ store


class StoreError(LawnixError):
    """The store cannot do what it is asked."""


class StoreFormatError(StoreError):
    """A store of another format."""

    def __init__(self, root: Path, found: str, expected: str) -> None:
        self.root, self.found, self.expected = root, found, expected
        super().__init__(
            f"the store {root} has format {found!r}, this lawnix reads format {expected!r}; use another store "
            "([lawnix] store) or the version of lawnix that made it"
        )


class StoreAccessError(StoreError):
    """A store that is read-only or belongs to someone else."""

    def __init__(self, root: Path, reason: str) -> None:
        self.root, self.reason = root, reason
        super().__init__(
            f"the store {root} cannot be written: {reason}; choose a store of your own with [lawnix] store or "
            "LAW__lawnix__store, or ask its owner for write access"
        )


class StoreFullError(StoreError):
    """No space (or no inode, or no quota) left for the store."""

    def __init__(self, root: Path, reason: str, room: str) -> None:
        self.root, self.reason, self.room = root, reason, room
        super().__init__(
            f"no space left for the store {root}: {reason}; {room}; what is complete is kept: free space (`lawnix gc "
            "--dry-run` shows what can go) and run again, or choose a store elsewhere with [lawnix] store"
        )


class StoreBusyError(StoreError):
    """Others use a store that has to be at rest."""

    def __init__(self, root: Path, users: Sequence[str]) -> None:
        self.root, self.users = root, tuple(users)
        super().__init__(
            f"the store {root} is in use by {', '.join(users) or 'another process'}; what removes things from it has "
            "to wait until they are done"
        )


# --------------------------------------------------------------------------------------- settings


class SettingsError(LawnixError):
    """law.cfg says something that lawnix does not understand."""


class UnknownOptionError(SettingsError):
    """An option of the section [lawnix] that does not exist."""

    def __init__(self, option: str, nearest: Sequence[str]) -> None:
        self.option, self.nearest = option, tuple(nearest)
        hint = (
            f"; did you mean {' or '.join(nearest)}?"
            if nearest
            else "; see the configuration page of the docs"
        )
        super().__init__(f"[lawnix] has no option {option!r}{hint}")


# ------------------------------------------------------------------------------------------ usage


class UsageError(LawnixError):
    """What was asked for cannot be understood; commands end with exit code 2."""


class UnknownNameError(UsageError):
    """A task, parameter, output or realization that does not exist."""

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = (), hint: str = "") -> None:
        self.kind, self.name, self.nearest = kind, name, tuple(nearest)
        guess = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"there is no {kind} {name!r}{guess}{'; ' + hint if hint else ''}")


class AmbiguousNameError(UsageError):
    """A name, or the beginning of one, that fits several things."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name, self.candidates = name, tuple(candidates)
        lines = "".join(f"\n  {candidate}" for candidate in candidates)
        super().__init__(f"{name!r} can be any of these; give more of it:{lines}")


class ParameterValueError(UsageError):
    """A parameter of a task is not given a value that it can have."""

    def __init__(self, task: str, parameter: str, value: str | None, expected: str, reason: str = "") -> None:
        self.task, self.parameter, self.value, self.expected = task, parameter, value, expected
        option = f"--{parameter.replace('_', '-')}"
        said = f"{option} cannot be {value!r}" if value is not None else f"{option} needs a value"
        because = f" ({reason})" if reason else ""
        super().__init__(f"{task}: {said}{because}; it takes {expected}")
