"""Machinery: what Python, metaclasses and decorators put into classes for themselves, which no author wrote."""

import enum
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final, NamedTuple

from lawnix.task.code.locate import locate
from lawnix.task.code.wrappers import functions_in

_SILENT: Final = frozenset(
    {
        "__abstractmethods__",
        "__annotate__",
        "__annotate_func__",
        "__annotations__",
        "__annotations_cache__",
        "__attrs_attrs__",
        "__attrs_own_setattr__",
        "__attrs_props__",
        "__callable_proto_members_only__",
        "__class_vars__",
        "__classdictcell__",
        "__closed__",
        "__conditional_annotations__",
        "__dataclass_fields__",
        "__dataclass_params__",
        "__dict__",
        "__doc__",
        "__extra_items__",
        "__firstlineno__",
        "__match_args__",
        "__module__",
        "__mutable_keys__",
        "__non_callable_proto_members__",
        "__optional_keys__",
        "__orig_bases__",
        "__parameters__",
        "__private_attributes__",
        "__protocol_attrs__",
        "__qualname__",
        "__readonly_keys__",
        "__required_keys__",
        "__signature__",
        "__slotnames__",
        "__static_attributes__",
        "__total__",
        "__type_params__",
        "__weakref__",
        "_abc_impl",
        "_field_defaults",
        "_fields",
        "_is_protocol",
        "_is_runtime_protocol",
        "model_computed_fields",
        "model_fields",
    }
)
_MAKERS: Final = frozenset(
    {"collections", "dataclasses", "typing"}
)  # put functions of their own into classes
_GETTER: Final = type(vars(NamedTuple("_Any", [("field", int)]))["field"])


def is_made_up(cls: type, attribute: str, value: Any, *, is_data: bool) -> bool:
    """Whether `attribute` of `cls` follows from other things that are written there.

    Args:
        cls: A class of the project.
        attribute: A name in it.
        value: What stands there.
        is_data: Whether it is a dataclass or its like, whose methods are made from declarations.
    """
    if attribute in _SILENT or attribute.startswith("__pydantic_"):
        return True
    if isinstance(value, MemberDescriptorType | GetSetDescriptorType | _GETTER):
        return True
    functions = functions_in(value)
    if isinstance(cls, enum.EnumMeta):
        return _is_of_enum(attribute, functions)
    return any(_is_made(each, is_data=is_data) for each in functions)


def _is_of_enum(attribute: str, functions: list[FunctionType]) -> bool:
    if functions:
        return any(each.__globals__.get("__name__") == "enum" for each in functions)
    is_private = attribute.startswith("_") and not attribute.startswith("__")
    return is_private or attribute in ("__new__", "__reduce_ex__", "__set_name__")


def _is_made(function: FunctionType, *, is_data: bool) -> bool:
    """Whether a library wrote this function, from the declarations of a class."""
    if function.__globals__.get("__name__") in _MAKERS:
        return True
    file = function.__code__.co_filename
    return is_data and (
        file.startswith("<attrs generated")
        or (file.startswith("<") and locate(function.__code__, function.__globals__) is None)
    )
