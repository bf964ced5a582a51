"""`run()` as everybody but the build itself sees it: whoever calls it gets the task realized."""

import functools
import sys
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any, Final

_MARK: Final = "__lawnix_wrapped__"  # names the author's function; what the code digest looks at


def wrap_run(cls: type) -> None:
    """Put a `run()` that realizes the task into `cls`, unless the one that it has does so."""
    owner = next(base for base in cls.__mro__ if "run" in vars(base))  # it may be a mixin
    run = vars(owner)["run"]
    if owner.__module__.split(".")[0] in ("law", "luigi") or hasattr(run, _MARK) or not callable(run):
        return
    cls.run = _realizing(_mended(run, owner) if _is_overwritten(run) else run)  # type: ignore[attr-defined]


def _realizing(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(run)
    def wrapper(self: Any) -> Any:
        if self.is_building():
            # looked up: IPython's autoreload gives old functions the attributes of new ones
            return vars(wrapper)[_MARK](self)
        from lawnix.task.run import run_here  # what plans and builds is loaded by who does

        return run_here(self)

    setattr(wrapper, _MARK, run)
    return wrapper


def _is_overwritten(run: Any) -> bool:
    """Whether `run` was a wrapper of ours into which IPython's autoreload has written the code of another function."""
    return getattr(run, "__globals__", None) is globals()


def _mended(run: FunctionType, owner: type) -> FunctionType:
    """What such a function should have been: one that sees the globals of its module, and its class."""
    closure = tuple(
        CellType(owner) if name == "__class__" else cell
        for name, cell in zip(run.__code__.co_freevars, run.__closure__ or (), strict=True)
    )
    mended = FunctionType(
        run.__code__, vars(sys.modules[owner.__module__]), run.__name__, run.__defaults__, closure or None
    )
    mended.__kwdefaults__ = run.__kwdefaults__
    mended.__qualname__, mended.__module__, mended.__doc__ = run.__qualname__, owner.__module__, run.__doc__
    return mended
