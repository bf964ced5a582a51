"""The real Apptainer does what a sandbox asks of it."""

import os
import shutil

import pytest

from tests.services import PYTHONS

ADD = "print(1 + int(open('/given/number').read()), file=open('/made/number', 'w'))"


@pytest.mark.parametrize("name", PYTHONS)
@pytest.mark.parametrize("form", ["file", "directory"])
def test_python_reads_what_is_bound_and_writes_what_its_caller_owns(apptainer, traveller, form, name):
    traveller.run(
        apptainer.program, "-s", "exec", "--no-home", "--containall", "--bind", f"{traveller.given}:/given:ro",
        "--bind", f"{traveller.made}:/made", getattr(apptainer, form)(name), "python3", "-c", ADD,
    )  # fmt: skip
    made = traveller.made / "number"
    assert made.read_text() == "43\n"
    assert (made.stat().st_uid, made.stat().st_gid) == (traveller.uid, traveller.gid)


def test_what_is_bound_for_reading_cannot_be_written_and_there_is_no_network(apptainer, traveller):
    code = "touch /given/number 2>/dev/null && echo written; sed -n 's/:.*//p' /proc/net/dev; id -u"
    said = traveller.run(
        apptainer.program, "-s", "exec", "--no-home", "--containall", "--net", "--network", "none",
        "--bind", f"{traveller.given}:/given:ro", apptainer.file("busybox"), "sh", "-c", code,
    )  # fmt: skip
    assert said.split() == ["lo", str(traveller.uid)]


def test_an_image_is_built_from_a_definition(apptainer, traveller):
    definition = traveller.made / "built.def"
    definition.write_text(
        f"Bootstrap: localimage\nFrom: {apptainer.file('busybox')}\n%post\n  echo by hand > /built\n"
    )
    image = traveller.made / "built.sif"
    # root may lack capabilities that a build gives; in a user namespace it has them all
    namespace = ["unshare", "-r"] if traveller.uid == 0 else []
    traveller.run(*namespace, apptainer.program, "-s", "build", image, definition)
    assert traveller.run(apptainer.program, "-s", "exec", "--no-home", image, "cat", "/built") == "by hand\n"


def test_it_goes_by_its_older_name_as_well(apptainer):
    older = shutil.which("singularity")
    assert older is not None
    assert os.path.samefile(older, apptainer.program)
