"""What holds for every kind of sandbox."""

import os
import re
import signal
import sys

import pytest
import zstandard

TASKS = """
import sys

class Number(lawnix.Task):
    n = luigi.IntParameter(default=1)

    def output(self):
        return self.target("n.txt")

    def run(self):
        self.output().dump(str(self.n), formatter="text")

class Inside(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"
    n = luigi.IntParameter(default=1)

    def requires(self):
        return Number(n=self.n)

    def output(self):
        return self.target("i.txt")

    def run(self):
        print("body", self.n)
        text = self.input().load(formatter="text")
        {body}
        self.output().dump(text, formatter="text")

class Many(Inside, lawnix.LocalWorkflow):
    size = luigi.IntParameter(default=3)

    def create_branch_map(self):
        return dict(enumerate(range(10, 10 + self.size)))

    def requires(self):
        return Number(n=self.branch_data)
"""


def write(project, key, body="pass"):
    project.tasks(TASKS.format(key=key, body=body))


def bodies(run) -> int:
    """How many bodies ran in there."""
    return len(re.findall(r"^body \d+$", run.output, re.MULTILINE))


# ------------------------------------------------------------------------------------- identity


def test_a_result_stays_while_its_environment_does(project, kind, key):
    write(project, key)
    assert bodies(project.run("Inside")) == 1
    kind.move(project)
    assert bodies(project.run("Inside")) == 0


def test_another_environment_is_another_result(project, kind, key):
    write(project, key)
    project.run("Inside")
    kind.change(project)
    assert "sandbox changed" in project.run("Inside", "--print-plan", "0").output
    assert bodies(project.run("Inside")) == 1


def test_a_sandbox_that_is_not_there_is_told_before_anything_runs(project, kind, key):
    write(project, f"{kind.name}::nothing/of/the/kind")
    run = project.run("Many", code=None)
    assert run.code != 0
    assert "cannot be had" in run.output
    assert "built" not in run.output


# ------------------------------------------------------------------------------------ execution


def test_many_tasks_share_one_worker(project, key):
    write(project, key, "text = str(os.getpid())")
    project.run("Many", "--size", "200", "--workers", "1")
    pids = {path.read_text() for path in project.results.glob("**/i.txt")}
    assert len(pids) == 1


def test_what_it_raises_is_told_with_its_place(project, key):
    write(project, key, "raise ValueError('not today')")
    run = project.run("Inside", code=40)
    assert "ValueError: not today" in run.output
    assert "tasks.py" in run.output


def test_an_exit_code_fails_the_one_task(project, key):
    write(project, key, "os._exit(7) if self.branch == 1 else None")
    run = project.run("Many", code=40)
    assert "exit code 7" in run.output
    assert bodies(run) == 3
    assert bodies(project.run("Many", code=40)) == 1


def test_a_signal_fails_the_one_task_with_its_last_output(project, key):
    write(
        project,
        key,
        "print('the last words', flush=True); os.kill(os.getpid(), 9) if self.branch == 1 else None",
    )
    run = project.run("Many", code=40)
    assert "SIGKILL" in run.output
    assert "| the last words" in run.output


def test_a_task_that_takes_too_long_is_ended(project, key):
    write(project, key, "import time; time.sleep(600)")
    project.edit(
        "    n = luigi.IntParameter(default=1)\n\n    def requires",
        "    n = luigi.IntParameter(default=1)\n    worker_timeout = 2\n\n    def requires",
    )
    assert "longer than 2 s" in project.run("Inside", code=40).output


def test_nothing_is_left_of_a_run_that_is_killed(project, key):
    write(project, key, "import time; ran('inside'); time.sleep(600)")
    project.edit("    sandbox = ", "    environment = ['RAN']\n    sandbox = ")
    command = project.start("run", "proj.tasks.Inside")
    project.await_bodies(1)
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    assert not command.leftovers()
    assert project.run("Number").code == 0


def test_much_output_comes_through(project, key):
    write(project, key, "[sys.stdout.write('x' * 1_000_000) for _ in range(100)]; print()")
    project.run("Inside")
    (log,) = (log for log in project.store.glob("logs/*/*.zst"))
    with zstandard.open(log) as file:
        assert len(file.read()) > 100_000_000


def test_unicode_crosses_both_ways(project, key):
    write(project, key, "print('größer → 漢字'); text = 'größer → 漢字'")
    assert "größer → 漢字" in project.run("Inside").output
    assert project.text("**/i.txt") == "größer → 漢字"


def test_what_it_yields_is_built_outside(project, key):
    write(
        project,
        key,
        "others = yield [Number(n=7), Number(n=8)]; text = ''.join(o.load(formatter='text') for o in others)",
    )
    project.run("Inside")
    assert project.text("**/i.txt") == "78"


def test_a_task_reads_all_branches_of_a_workflow_that_was_built_in_the_same_worker(project, key):
    write(project, key)
    project.tasks(
        (project.root / "proj" / "tasks.py").read_text()
        + f"""
class Sum(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"

    def requires(self):
        return Many(size=4)

    def output(self):
        return self.target("sum.txt")

    def run(self):
        branches = self.input()["collection"].targets.values()
        self.output().dump("+".join(branch.load(formatter="text") for branch in branches), formatter="text")
"""
    )
    project.run("Sum", "--workers", "1")
    assert project.text("**/sum.txt") == "10+11+12+13"


def test_a_branch_map_is_not_looked_up_again_in_there(project, key):
    write(project, key)
    project.edit(
        "return dict(enumerate(range(10, 10 + self.size)))",
        "return dict(enumerate(os.environ['NUMBERS'].split()))",
    )
    project.run("Many", NUMBERS="10 11")
    assert sorted(path.read_text() for path in project.results.glob("**/i.txt")) == ["10", "11"]


# ------------------------------------------------------------------------------------ environment


def test_the_callers_environment_does_not_leak_in(project, key):
    write(project, key, "text = repr(os.environ.get('OF_THE_CALLER'))")
    project.run("Inside", OF_THE_CALLER="secret")
    assert project.text("**/i.txt") == "None"


def test_a_declared_variable_is_seen(project, key):
    write(project, key, "text = repr(os.environ.get('OF_THE_CALLER'))")
    project.edit("    sandbox = ", "    environment = ['OF_THE_CALLER']\n    sandbox = ")
    project.run("Inside", OF_THE_CALLER="wanted")
    assert project.text("**/i.txt") == "'wanted'"


def test_what_a_task_sets_and_declares_is_not_there_for_the_next(project, key):
    write(
        project,
        key,
        "text = os.environ.get('SET_INSIDE', '') + os.getcwd(); os.environ['SET_INSIDE'] = '1'; os.chdir('/')",
    )
    project.run("Many", "--workers", "1")
    assert {path.read_text() for path in project.results.glob("**/i.txt")} == {str(project.root)}


def test_what_a_task_sets_does_not_leak_out(project, key):
    write(project, key, "os.environ['SET_INSIDE'] = '1'")
    project.edit("self.output().dump(str(self.n)", "self.output().dump(repr(os.environ.get('SET_INSIDE'))")
    project.run("Many", "--size", "1")
    project.run("Number", "--n", "77")
    assert project.text("**/n.txt") == "None"


def test_inputs_are_not_changed(project, key):
    body = "os.chmod(self.input().path, 0o644); open(self.input().path, 'a').write('more')"
    write(project, key, body)
    project.run("Inside", code=40)
    project.run("Number")
    assert project.text("**/n.txt") == "1"


def test_outputs_belong_to_the_caller(project, key):
    write(project, key)
    project.run("Inside")
    found = project.result("**/i.txt").stat()
    assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())


@pytest.mark.parametrize("workers", [1, 2])
def test_branches_are_built_in_it(project, key, workers):
    write(project, key)
    project.run("Many", "--workers", str(workers))
    assert sorted(path.read_text() for path in project.results.glob("**/i.txt")) == ["10", "11", "12"]


def test_a_sandbox_that_a_class_is_given_counts_from_then_on(project, key):
    write(project, key)
    project.edit(f'    sandbox = "{key}"\n', "    allow_empty_sandbox = True\n")
    assert bodies(project.run("Inside")) == 1
    project.edit("    allow_empty_sandbox = True\n", f'    sandbox = "{key}"\n')
    assert bodies(project.run("Inside")) == 1
    assert bodies(project.run("Inside", "--n", "1")) == 0


def test_a_sandbox_can_be_chosen_for_a_run(project, key):
    write(project, key)
    project.edit(f'    sandbox = "{key}"\n', "    allow_empty_sandbox = True\n")
    assert bodies(project.run("Inside")) == 1
    assert bodies(project.run("Inside", "--sandbox", key)) == 1
    assert bodies(project.run("Inside", "--sandbox", key)) == 0
    assert bodies(project.run("Inside")) == 0


def test_what_cannot_be_loaded_in_there_fails_those_who_need_it_alone(project, key):
    write(project, key)
    project.write(
        "proj/heavy.py",
        """
        import os
        import lawnix

        if "LAW_SANDBOX_SWITCHED" in os.environ:
            raise ImportError("nothing of the kind in here")

        class Heavy(lawnix.Task):
            def output(self):
                return self.target("h.txt")

            def run(self):
                self.output().dump("h", formatter="text")
    """,
    )
    project.tasks(
        (project.root / "proj" / "tasks.py").read_text()
        + f"""
class Both(lawnix.Task, law.SandboxTask):
    sandbox = "{key}"
    priority = 10

    def requires(self):
        from proj.heavy import Heavy

        return [Number(n=1), Heavy(), Number(n=2)]

    def output(self):
        return self.target("b.txt")

    def run(self):
        self.output().dump("b", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [Both(), Inside(n=1), Inside(n=2)]
"""
    )
    project.run("Number", "--n", "1")
    project.run("Number", "--n", "2")
    project.law("run", "proj.heavy.Heavy")
    run = project.run("All", "--workers", "1", code=40)
    assert "nothing of the kind in here" in run.output
    assert run.output.index("nothing of the kind in here") < run.output.index("body 1")
    assert bodies(run) == 2


def test_a_closed_task_can_change_no_setting_of_the_kernel(project, key):
    write(
        project,
        key,
        "text = repr([os.path.join(at, name) for top in ('sys', 'irq', 'bus', 'fs') for at, _, names in "
        "os.walk(f'/proc/{top}') for name in names if os.access(os.path.join(at, name), os.W_OK)])",
    )
    config = (project.root / "law.cfg").read_text()  # volumes would open it
    project.write("law.cfg", re.sub(r"^\[\w+_sandbox_volumes\]\n[^\[]*", "", config, flags=re.MULTILINE))
    project.run("Inside", LAW__lawnix__isolation="enforce")
    assert project.text("**/i.txt") == "[]"


def test_a_fork_that_comes_back_from_a_task_answers_nothing(project, key):
    write(
        project,
        key,
        "pid = os.fork(); text = 'fork' if not pid else text; pid and os.waitpid(pid, 0); "
        "exec('if not pid: raise ValueError(text)')",
    )
    project.run("Many", "--size", "4", "--workers", "1")
    assert sorted(path.read_text() for path in project.results.glob("**/i.txt")) == ["10", "11", "12", "13"]


def test_what_writes_where_answers_are_written_fails_alone(project, key):
    write(
        project,
        key,
        "exec('for each in range(3, 20):\\n try: os.write(each, bytes(100))\\n except OSError: pass') "
        "if self.branch == 1 else None",
    )
    run = project.run("Many", "--workers", "1", code=40)
    assert "what came back is no answer" in run.output
    assert bodies(project.run("Many", code=40)) == 1


def test_it_needs_no_command_line(project, key):
    write(project, key)
    project.write(
        "go.py",
        "import luigi, law\nfrom proj.tasks import Inside\nluigi.build([Inside(n=5)], local_scheduler=True)",
    )
    assert "body 5" in project.fresh(sys.executable, "go.py").output
