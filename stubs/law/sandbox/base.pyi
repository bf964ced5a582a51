from typing import Any

from law.task.proxy import ProxyAttributeTask

_sandbox_switched: bool

class Sandbox:
    name: str
    @classmethod
    def new(cls, key: str, *args: Any, **kwargs: Any) -> Sandbox: ...

class SandboxTask(ProxyAttributeTask):
    @property
    def effective_sandbox(self) -> str: ...
