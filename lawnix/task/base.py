"""Tasks: law's, with outputs that are store targets."""

from __future__ import annotations  # luigi's Parameter could not be subscripted before 3.7

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import law
import luigi
from law.target.collection import SiblingFileCollectionBase

from lawnix.engine.current import current_build
from lawnix.errors import OutputTypeError
from lawnix.task.collection import StoreCollection
from lawnix.task.copies import lazy_attribute, own
from lawnix.task.deps import walk_deps
from lawnix.task.derived import DerivedTask
from lawnix.task.notebook import ReplacedInNotebooks
from lawnix.task.remembered import required, values_of
from lawnix.task.session import renew_session, session
from lawnix.task.target import TARGETS, StoreDirectoryTarget, StoreFileTarget, fetching, location
from lawnix.task.wrapped import wrap_run

if TYPE_CHECKING:
    from lawnix.core.realization import Outputs
    from lawnix.engine.current import Build
    from lawnix.store.protocol import Store


class _BaseTask(law.Task):
    """What all tasks of lawnix have in common, those without outputs in the store too.

    law's task, which answers two more questions instead of being run (what would run, and why), says what law's own
    questions mean for a store, and is quick where ten thousand branches ask the same.
    """

    print_plan = law.CSVParameter(
        default=(),
        significant=False,
        description="print what would run, and why, but do not run any task; this CSV parameter accepts a single "
        "value, the number of tasks of each family that are listed (default: 5, -1 for all)",
    )
    why = law.CSVParameter(
        default=(),
        significant=False,
        description="print for this task and what it requires what would happen and the reason, but do not run any "
        "task; this CSV parameter accepts the task recursion depth (0 means non-recursive, default: 0), and `diff` for "
        "the lines of code that changed",
    )

    _lawnix_params: ClassVar[list[tuple[str, luigi.Parameter[Any]]]]
    interactive_params: ClassVar[list[str]] = [*law.Task.interactive_params, "print_plan", "why"]
    exclude_index = True
    update_register = ReplacedInNotebooks()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let a class that takes the place of another one be seen at once."""
        super().__init_subclass__(**kwargs)
        if cls.update_register:
            renew_session()

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter[Any]]]:
        """As in luigi, which looks through all attributes of the class at each call; here once."""
        known = vars(cls).get("_lawnix_params")
        if known is None:
            known = super().get_params()
            cls._lawnix_params = known
        return list(known)

    @classmethod
    def get_param_values(
        cls, params: list[tuple[str, luigi.Parameter[Any]]], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        """As in law."""
        return values_of(cls, params, args, kwargs, super().get_param_values)

    @classmethod
    def req(cls, inst: luigi.Task, **kwargs: Any) -> Any:
        """As in law."""
        return required(cls, inst, kwargs, super().req)

    def _print_plan(self, args: tuple[str, ...]) -> bool:
        from lawnix.task.interactive import print_plan  # what tells of plans is loaded where it is asked for

        print_plan(self, *args)
        return False

    def _why(self, args: tuple[str, ...]) -> bool:
        from lawnix.task.explained import print_why

        print_why(self, *args)
        return False

    def _fetch_output(self, args: tuple[str, ...]) -> bool:
        with fetching():
            return bool(super()._fetch_output(args))

    def _remove_output(self, args: tuple[str, ...]) -> bool:
        from lawnix.task.interactive import announce_removal

        announce_removal()
        return bool(super()._remove_output(args))

    def walk_deps(self, max_depth: int = -1, order: str = "level", yield_last_flag: bool = False) -> Any:
        """As in law, but what a task requires is listed once, where the task is met first."""
        return walk_deps(self, max_depth, order, yield_last_flag=yield_last_flag)


class Task(DerivedTask, _BaseTask):
    """A law task whose outputs are kept in the store, under what they are made from.

    Write `requires()`, `output()` and `run()` as in law; `output()` returns `self.target(name)` instead of a target
    with a place. A result is found, and not built again, as long as the parameters, the code that `run()` reaches and
    the content of what is required are the same.
    """

    exclude_index = True
    exclude_params_identity: ClassVar[set[str]] = set()
    output_collection_cls: ClassVar[type[law.TargetCollection]] = StoreCollection  # if it is a workflow

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Prepare the class."""
        super().__init_subclass__(**kwargs)  # law's own hook for this is not in law 0.1.20
        if issubclass(vars(cls).get("output_collection_cls") or object, SiblingFileCollectionBase):
            cls.output_collection_cls = StoreCollection  # outputs in a store have no directory in common
        cls.wrap_run()

    @classmethod
    def wrap_run(cls) -> None:
        """Let `run()`, called from outside a build, realize the task; again, if it was replaced since."""
        wrap_run(cls)

    def target(
        self,
        name: str,
        type: str = "f",  # law's word for it
        *,
        optional: bool = False,
        allow_empty: bool = False,
        formatter: str | None = None,
        digest: str | Callable[[Path], object] | None = None,
    ) -> StoreFileTarget | StoreDirectoryTarget:
        """An output of this task, kept in the store.

        Args:
            name: A plain file name; its extension says how it is read and written.
            type: "f" for a file, "d" for a directory.
            optional: Whether `run()` may leave it out.
            allow_empty: Whether it may be a file without bytes or a directory without entries.
            formatter: The name of the law formatter for `load` and `dump`, if not the one that the extension says.
            digest: What those who read it depend on: "bytes", "meaning" (what its format says that it holds), or a
                function that returns a value for its path. By default its meaning, if the format of its extension is
                known.

        Raises:
            OutputNameError: `name` is not a plain file name.
            OutputTypeError: `type` is another.
            DeclarationError: `digest` is another, or nothing is known of the format.
        """
        if type not in TARGETS:
            raise OutputTypeError(self.get_task_family(), name, type)
        return TARGETS[type](
            self, name, optional=optional, allow_empty=allow_empty, formatter=formatter, digest=digest
        )

    def law_output(self) -> Any:
        """Where the plain law version of this task has put its outputs, for `lawnix adopt --from-law`.

        To be written where that is not `self.local_path(name)` for each output: law's own targets in the structure of
        `output()`, most likely what `output()` was. It is no part of the identity, and can go when all is taken over.
        """
        return None

    def complete(self) -> bool:
        """Whether nothing would have to run for this task, nor for what it is made from."""
        return session().view.is_complete(self)

    def workflow_complete(self) -> bool:
        """As `complete()`, of a workflow: asked once for all branches."""
        return session().view.is_complete(self)

    def input(self) -> Any:
        """The outputs of what is required, in the structure of `requires()`; read-only."""
        build = current_build.get()
        if build is not None and self.is_building():
            work: Any = build.work  # of a task, where this is one
            return luigi.task.getpaths(work.requirements)
        return super().input()

    # ------------------------------------------------------------------------- for targets and the engine

    def is_building(self) -> bool:
        """Whether the build of this task is what goes on here."""
        build = current_build.get()
        return build is not None and _is_task_of(build, self)

    def location_of(self, name: str) -> str:
        """Where the output `name` lies: in the build directory, in the store, or nowhere yet."""
        build = current_build.get()
        if build is not None and build.directory is not None and _is_task_of(build, self):
            return f"{build.directory}/{name}"
        store, outputs = self._chosen_outputs()
        return location(store, outputs.get(name) if outputs else None, self.get_task_family(), name)

    def is_realized(self) -> bool:
        """Whether there are outputs to read: of a build that ended, chosen for whoever asks."""
        _, outputs = self._chosen_outputs()
        return outputs is not None

    def _chosen_outputs(self) -> tuple[Store, Outputs | None]:
        build = current_build.get()
        if build is not None:
            walk = getattr(build.work, "walk", None)
            number = None if walk is None else walk.number_of(self)
            if number is not None and number in build.outputs:  # told with the request: nobody is asked
                return build.session.store, build.outputs[number]
            if build.session.store.root is None:  # nothing else can be told
                return build.session.store, None
        here = session()
        realization = here.view.realization(self)
        return here.store, realization.outputs if realization is not None else None

    @property
    def sandbox_proxy(self) -> Any:
        """Where law looks for `run()` of a task that has a sandbox: ours realizes the task in it."""
        return _InSandbox(self)

    def forget(self, reason: str) -> None:
        """Forget what was realized for this task: the next run builds it again."""
        session().view.forget([self], reason)

    def __getattr__(self, name: str) -> Any:
        return lazy_attribute(self, name)


class _InSandbox:
    """The `run()` that realizes a task; law's own proxy would start a sandbox of its own."""

    def __init__(self, task: Task) -> None:
        self.run = own(task, "run")


def _is_task_of(build: Build, task: luigi.Task) -> bool:
    own = getattr(build.work, "task", None)
    if own is task or type(own) is not type(task):
        return own is task
    walk = getattr(build.work, "walk", None)
    ours, other = (None, None) if walk is None else (walk.number_of(own), walk.number_of(task))
    # the names that luigi compares are long to make, and are alike for what is one node
    return bool(own == task) if ours is None or other is None else bool(ours == other)


class ExternalTask(_BaseTask, law.ExternalTask):
    """A task whose outputs come from elsewhere; they are ordinary law targets.

    Their content, not their place, enters what is made from them.
    """

    exclude_index = True


class WrapperTask(_BaseTask, law.WrapperTask):
    """A task that stands for what it requires."""

    exclude_index = True
    skip_output_removal = True  # its outputs are those of others
