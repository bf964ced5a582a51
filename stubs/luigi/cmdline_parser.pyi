from contextlib import AbstractContextManager
from typing import Any, Self

class CmdlineParser:
    known_args: Any
    @classmethod
    def get_instance(cls) -> Self | None: ...
    @classmethod
    def global_instance(cls, cmdline_args: Any, allow_override: bool = False) -> AbstractContextManager[Self]: ...
    def get_task_obj(self) -> Any: ...
