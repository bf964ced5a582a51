from typing import Any

class Target:
    def exists(self) -> Any: ...

class FileSystemTarget(Target):
    path: Any
