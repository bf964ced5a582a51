"""The few names of law that we use, with the types that they have (law itself ships none)."""

from law import contrib as contrib
from law import decorator as decorator
from law import patches as patches
from law import sandbox as sandbox
from law import util as util
from law.config import Config as Config
from law.parameter import (
    NO_FLOAT as NO_FLOAT,
    NO_INT as NO_INT,
    NO_STR as NO_STR,
    CSVParameter as CSVParameter,
    MultiCSVParameter as MultiCSVParameter,
    MultiRangeParameter as MultiRangeParameter,
    OptionalBoolParameter as OptionalBoolParameter,
    RangeParameter as RangeParameter,
    TaskInstanceParameter as TaskInstanceParameter,
    is_no_param as is_no_param,
)
from law.sandbox.base import Sandbox as Sandbox, SandboxTask as SandboxTask
from law.target.collection import (
    FileCollection as FileCollection,
    NestedSiblingFileCollection as NestedSiblingFileCollection,
    SiblingFileCollection as SiblingFileCollection,
    TargetCollection as TargetCollection,
)
from law.target.file import (
    FileSystemDirectoryTarget as FileSystemDirectoryTarget,
    FileSystemFileTarget as FileSystemFileTarget,
    FileSystemTarget as FileSystemTarget,
)
from law.target.local import (
    LocalDirectoryTarget as LocalDirectoryTarget,
    LocalFileSystem as LocalFileSystem,
    LocalFileTarget as LocalFileTarget,
    LocalTarget as LocalTarget,
)
from law.task.base import (
    ExternalTask as ExternalTask,
    Register as Register,
    Task as Task,
    WrapperTask as WrapperTask,
)
from law.util import law_run as run, no_value as no_value
from law.workflow.base import (
    BaseWorkflow as BaseWorkflow,
    WorkflowParameter as WorkflowParameter,
    dynamic_workflow_condition as dynamic_workflow_condition,
    workflow_property as workflow_property,
)
from law.workflow.local import LocalWorkflow as LocalWorkflow

__version__: str
luigi_version: str
luigi_version_info: tuple[int | str, ...]
