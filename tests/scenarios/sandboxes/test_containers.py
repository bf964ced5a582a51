"""Tasks in containers: what they see of the machine, and how many containers that takes."""

import json

import pytest

TASKS = """
class Given(lawnix.ExternalTask):
    path = luigi.Parameter()

    def output(self):
        return law.LocalFileTarget(self.path)

class Inside(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"
    path = luigi.Parameter()

    def requires(self):
        return Given(path=self.path)

    def output(self):
        return self.target("i.json")

    def run(self):
        text = self.input().load(formatter="text")
        worker = [os.getpid(), open("/proc/self/stat").read().split()[21]]
        self.output().dump([text, worker, {more}], formatter="json")

class All(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"
    paths = law.CSVParameter()

    def requires(self):
        return [Inside(path=path) for path in self.paths]

    def output(self):
        return self.target("all.json")

    def run(self):
        self.output().dump([target.load(formatter="json") for target in self.input()], formatter="json")

class Later(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"
    paths = law.CSVParameter()

    def output(self):
        return self.target("l.json")

    def run(self):
        texts = []
        for path in self.paths:
            target = yield Given(path=path)
            texts.append(target.load(formatter="text"))
        self.output().dump(texts, formatter="json")
"""


@pytest.fixture(params=["bash", "docker", "singularity"])
def kind(request, kinds):
    """Those kinds that see nothing of the host but what is mounted, and one that sees it all."""
    return kinds[request.param](request)


@pytest.fixture
def outside(tmp_path) -> list[str]:
    """Files in several directories, which are no part of the project; one is reached by a link."""
    paths = []
    for number in range(3):
        directory = tmp_path / f"outside{number}"
        directory.mkdir()
        (directory / "data.txt").write_text(str(number))
        paths.append(str(directory / "data.txt"))
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "data.txt").symlink_to(paths[0])
    return [*paths[1:], str(tmp_path / "linked" / "data.txt")]


def test_one_container_sees_what_all_tasks_read_from_outside(project, key, outside):
    project.tasks(TASKS.format(key=key, more="0"))
    project.run("All", "--paths", ",".join(outside), "--workers", "1")
    found = json.loads(project.text("**/all.json"))
    assert [text for text, *_ in found] == ["1", "2", "0"]
    assert len({tuple(worker) for _, worker, _ in found}) == 1


def test_what_is_found_at_run_time_is_seen_too(project, key, outside):
    project.tasks(TASKS.format(key=key, more="0"))
    project.run("Later", "--paths", ",".join(outside))
    assert json.loads(project.text("**/l.json")) == ["1", "2", "0"]


def test_nothing_else_of_the_machine_is_there(project, kinds, request, outside):
    key = kinds["docker"](request).make(project)  # singularity shows what its configuration says
    project.tasks(TASKS.format(key=key, more=f"os.path.exists({outside[0]!r})"))
    project.run("Inside", "--path", outside[1])
    assert json.loads(project.text("**/i.json"))[2] is False
