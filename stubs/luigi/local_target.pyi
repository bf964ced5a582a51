from typing import Any

from luigi.target import FileSystemTarget

class LocalTarget(FileSystemTarget):
    def __init__(self, path: Any = None, format: Any = None, is_tmp: bool = False) -> None: ...
    def open(self, mode: str = "r") -> Any: ...
