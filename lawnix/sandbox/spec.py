"""What is asked of a sandbox: which one, with what, and how tight."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """A sandbox as the configuration and a task describe it.

    Attributes:
        kind: The part of `type::name` before the colons.
        name: The part behind them, its variables and `~` replaced.
        variables: Environment variables that are set in it.
        volumes: Where directories of the host appear in it; the same place if that is empty.
        user: The user and group that it runs as, as numbers.
        arguments: Further arguments for the program that starts it.
        before: Shell commands before its own set-up.
        after: Shell commands behind it.
        login: Whether its shell reads what a login shell reads.
        binds: Whether directories of the host can be mounted in it.
    """

    kind: str
    name: str
    variables: tuple[tuple[str, str], ...] = ()
    volumes: tuple[tuple[str, str], ...] = ()
    user: tuple[int, int] | None = None
    arguments: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    login: bool = False
    binds: bool = True

    def __str__(self) -> str:
        return f"{self.kind}::{self.name}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process in a sandbox sees of the host; each at the place where it lies here.

    Attributes:
        read: What it may read.
        write: Where it may write.
        variables: Environment variables that it gets beside the sandbox's own.
        directory: Where it starts, if that is there.
        closed: Whether it sees nothing else, and no network.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    directory: str | None = None
    closed: bool = False
