from typing import Any, ClassVar

AUTO_FORMATTER: str

class FormatterRegister(type):
    formatters: ClassVar[dict[str, type[Formatter]]]

class Formatter(metaclass=FormatterRegister):
    name: ClassVar[str]
    LOAD: ClassVar[str]
    DUMP: ClassVar[str]
    @classmethod
    def accepts(cls, path: Any, mode: str) -> bool: ...
    @classmethod
    def load(cls, path: Any, *args: Any, **kwargs: Any) -> Any: ...
    @classmethod
    def dump(cls, path: Any, *args: Any, **kwargs: Any) -> Any: ...

def get_formatter(name: str, silent: bool = False) -> type[Formatter] | None: ...
def find_formatters(path: Any, mode: str, silent: bool = True) -> list[type[Formatter]]: ...
def find_formatter(path: Any, mode: str, name: str = ...) -> type[Formatter]: ...
