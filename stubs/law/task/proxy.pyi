from typing import Any

from law.task.base import BaseTask, Task

class ProxyTask(BaseTask):
    task: Any

class ProxyAttributeTask(Task): ...
