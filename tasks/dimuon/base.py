"""What the tasks of the analysis have in common."""

import law
import luigi

import lawnix
from tasks.dimuon.physics.datasets import LUMINOSITY


class Dimuon(lawnix.Task, law.SandboxTask):
    """A task of the family namespace `dimuon`; with `--sandbox`, it and what it requires are built in one."""

    task_namespace = "dimuon"
    exclude_index = True
    allow_empty_sandbox = True


class Scaled(Dimuon):
    """A task that works on more or fewer events."""

    exclude_index = True

    scale = luigi.FloatParameter(
        default=1.0, description="how many times the usual number of events and luminosity; default: 1.0"
    )

    @property
    def luminosity(self) -> float:
        """The luminosity of the pseudo-data in 1/pb."""
        return LUMINOSITY * self.scale
