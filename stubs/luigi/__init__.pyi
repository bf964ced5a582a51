"""The few names of luigi that we use.

luigi 3.8 ships types, but its task metaclass makes type checkers write an `__init__` that knows nothing of law.
"""

from typing import Any

from luigi import configuration as configuration, interface as interface, parameter as parameter, task as task
from luigi.event import Event as Event
from luigi.execution_summary import LuigiStatusCode as LuigiStatusCode
from luigi.interface import build as build, run as run
from luigi.local_target import LocalTarget as LocalTarget
from luigi.parameter import (
    BoolParameter as BoolParameter,
    ChoiceParameter as ChoiceParameter,
    DateParameter as DateParameter,
    DictParameter as DictParameter,
    EnumParameter as EnumParameter,
    FloatParameter as FloatParameter,
    IntParameter as IntParameter,
    ListParameter as ListParameter,
    OptionalParameter as OptionalParameter,
    Parameter as Parameter,
    PathParameter as PathParameter,
    TaskParameter as TaskParameter,
    TimeDeltaParameter as TimeDeltaParameter,
    TupleParameter as TupleParameter,
)
from luigi.target import Target as Target
from luigi.task import (
    Config as Config,
    DynamicRequirements as DynamicRequirements,
    ExternalTask as ExternalTask,
    Task as Task,
    WrapperTask as WrapperTask,
    auto_namespace as auto_namespace,
    namespace as namespace,
)

__version__: str

def __getattr__(name: str) -> Any: ...
