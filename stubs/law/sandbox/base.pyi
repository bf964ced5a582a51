from typing import Any

from law.task.proxy import ProxyAttributeTask

class Sandbox:
    name: str
    @classmethod
    def new(cls, key: str, *args: Any, **kwargs: Any) -> Sandbox: ...

class SandboxTask(ProxyAttributeTask): ...
