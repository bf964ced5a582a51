from typing import Any

from law.task.base import BaseTask, Task

class ProxyTask(BaseTask):
    task: Any

class ProxyAttributeTask(Task):
    def __getattribute__(self, attr: str, proxy: bool | None = None) -> Any: ...
