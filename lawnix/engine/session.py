"""The session: what one run works with, handed on as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lawnix.core.matcher import Matcher, latest
from lawnix.engine.observe.surroundings import Surroundings
from lawnix.sandbox.worker import SandboxWorkers
from lawnix.store.protocol import Store


@dataclass(slots=True)
class Session:
    """What one run works with.

    Attributes:
        store: Where realizations are found and kept.
        matcher: Which of several realizations is taken.
        environment: The variables that builds are given beside the caller's.
        keep_failed: Whether the build directory of a failure is kept.
        surroundings: What builds may touch undeclared; None where nobody looks.
        sandboxes: The workers that serve in sandboxes.
    """

    store: Store
    matcher: Matcher = latest
    environment: Mapping[str, str] = field(default_factory=dict)
    keep_failed: bool = False
    surroundings: Surroundings | None = None
    sandboxes: SandboxWorkers = field(default_factory=SandboxWorkers)
