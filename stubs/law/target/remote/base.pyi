from typing import Any

class RemoteFileSystem:
    @classmethod
    def split_remote_kwargs(cls, kwargs: dict[str, Any], include: Any = None, skip: Any = None) -> tuple[dict[str, Any], dict[str, Any]]: ...
