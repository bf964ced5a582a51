"""Where lawnix's worker comes in, and what luigi makes of its history."""

import inspect
from argparse import ArgumentParser, HelpFormatter
from collections.abc import Callable

import law
import luigi
import luigi.cmdline
import pytest

Run = Callable[..., object]

WORKER = """
    import law, luigi, luigi.cmdline

    class Job(law.Task):
        what = luigi.Parameter(default="fine")
        def output(self):
            return law.LocalFileTarget(f"/nowhere/{self.what}")
        def run(self):
            raise AssertionError("luigi ran it")

    class Worker(luigi.worker.Worker):
        def add(self, task, multiprocess=False, processes=0):
            self.added = [*getattr(self, "added", ()), task, multiprocess, processes]
            return add(self, task)
        def run(self):
            return work(self)

    def create(self, scheduler, worker_processes, assistant=False):
        made.append((self, scheduler, worker_processes, assistant))
        return Worker(scheduler=scheduler, worker_processes=worker_processes, assistant=assistant)

    made = []
    luigi.interface._WorkerSchedulerFactory.create_worker = create
    add = lambda worker, task: True
    work = lambda worker: True
"""


def test_the_factory_is_asked_for_a_local_scheduler_and_a_worker(run: Run) -> None:
    run(
        code=WORKER
        + """
    assert luigi.build([Job()], local_scheduler=True, workers=3)
    ((factory, scheduler, workers, assistant),) = made
    assert isinstance(factory, luigi.interface._WorkerSchedulerFactory)
    assert isinstance(scheduler, luigi.scheduler.Scheduler)
    assert (workers, assistant) == (3, False)
    """
    )


def test_a_remote_scheduler_is_no_local_one(run: Run) -> None:
    run(
        code=WORKER
        + """
    luigi.build([Job()], local_scheduler=False, scheduler_port=9)
    assert type(made[0][1]) is luigi.rpc.RemoteScheduler
    assert not isinstance(made[0][1], luigi.scheduler.Scheduler)
    """
    )


def test_law_run_asks_the_same_factory(run: Run) -> None:
    done = run(
        code=WORKER
        + """
    import sys
    sys.modules["jobs"] = sys.modules["__main__"]
    print("made", len(made))
    def work(worker):
        print("asked", worker.worker_processes, worker.added[0])
        worker._add_task_history.append((worker.added[0], "PENDING", True))
        return True
    law.cli.cli.run(["run", "jobs.Job", "--workers", "2", "--what", "given"])
    """,
        expect=30,  # the task is neither done nor failed: luigi's not_run
    )
    assert "asked 2 Job(what=given)" in done.stdout


def test_run_is_looked_up_when_it_is_called(run: Run) -> None:
    """`luigi.run`, `law run` and `%ilaw` go through `luigi.interface._run` as it stands then."""
    run(
        code=WORKER
        + """
    seen = []
    original = luigi.interface._run
    def fresh(*args, **kwargs):
        seen.append(args or kwargs)
        return original(*args, **kwargs)
    luigi.interface._run = fresh
    luigi.run(["Job"])
    law.util.law_run(["Job", "--workers", "1"])
    try:
        luigi.cmdline.luigi_run(["Job"])
    except SystemExit:
        pass
    assert len(seen) == 3, seen
    """
    )


def test_ilaw_returns_what_the_worker_returns(run: Run) -> None:
    run(
        code=WORKER
        + """
    assert law.util.law_run(["Job"]) is True
    work = lambda worker: False
    assert law.util.law_run(["Job"]) is False
    work = lambda worker: True
    add = lambda worker, task: False
    assert law.util.law_run(["Job"]) is False
    """
    )


def test_the_command_line_ends_through_a_name_in_luigi_cmdline(run: Run) -> None:
    run(
        code="""
    import law, luigi.cmdline
    luigi.cmdline.run_with_retcodes = lambda argv: print("argv", argv)
    luigi.cmdline.luigi_run(["Job", "--n", "1"])
    """
    ).stdout.startswith("argv ['Job', '--n', '1']")


@pytest.mark.parametrize(
    ("history", "status", "code"),
    [
        ("[(task, 'DONE', True)]", "SUCCESS", 0),
        ("[(task, 'PENDING', True), (task, 'DONE', True)]", "SUCCESS", 0),
        ("[(task, 'PENDING', True), (task, 'FAILED', True)]", "FAILED", 40),
        ("[(task, 'PENDING', True), (other, 'PENDING', False)]", "MISSING_EXT", 20),
        ("[(task, 'UNKNOWN', False)]", "SCHEDULING_FAILED", 50),
        ("[(task, 'PENDING', True)]", "NOT_RUN", 30),
    ],
)
def test_summary_and_return_code_are_made_of_the_history(
    run: Run, history: str, status: str, code: int
) -> None:
    """What lawnix writes there: at first PENDING, then DONE or FAILED; not runnable for what misses its data."""
    run(
        code=WORKER
        + f"""
    def add(worker, task):
        worker.add_succeeded = {status != "SCHEDULING_FAILED"}
        return worker.add_succeeded
    class Data(law.ExternalTask):
        def output(self):
            return law.LocalFileTarget("/nowhere/data")
    class Needy(Job):
        def requires(self):
            return Data()
    def work(worker):
        task, other = worker.added[0], Data()
        worker._add_task_history.extend({history})
        worker.run_succeeded = {status == "SUCCESS"}
        return worker.run_succeeded
    result = luigi.build([Needy()], local_scheduler=True, detailed_summary=True)
    assert result.status.name == {status!r}, result.status
    assert "Luigi Execution Summary" in result.summary_text
    luigi.cmdline.luigi_run(["Needy"])
    """,
        expect=code,
    )


def test_a_worker_can_be_made_without_being_used(run: Run) -> None:
    run(
        code="""
    import law, luigi
    worker = luigi.worker.Worker(scheduler=luigi.scheduler.Scheduler(), worker_processes=2, assistant=False)
    assert worker._add_task_history == []
    assert worker.worker_processes == 2
    assert worker.add_succeeded is True
    assert worker.run_succeeded is True
    with worker:
        pass
    """
    )


def test_laws_worker_is_made_by_the_factory_that_law_patched() -> None:
    create = luigi.interface._WorkerSchedulerFactory.create_worker
    parameters = list(inspect.signature(create).parameters)
    assert parameters == ["self", "scheduler", "worker_processes", "assistant"]
    stock = inspect.unwrap(create)
    assert stock.__module__ == "law.patches"
    assert law.sandbox.base._sandbox_switched is False


def test_functions_to_call_before_a_run_are_kept_in_a_list(run: Run) -> None:
    run(
        code=WORKER
        + """
    law.patches.before_run(lambda: made.append("before"))
    assert len(law.patches._before_run_funcs) == 1
    luigi.build([Job()], local_scheduler=True)
    assert "before" not in made, "a worker with a run() of its own has to call them"
    """
    )


def test_events_are_triggered_by_whoever_runs_the_task() -> None:
    class Heard(law.Task):
        def run(self) -> None:
            raise AssertionError("nobody runs it")

    heard: list[object] = []
    for event in ("START", "SUCCESS", "FAILURE", "PROCESSING_TIME", "BROKEN_TASK"):
        Heard.event_handler(getattr(luigi.Event, event))(
            lambda *args, event=event: heard.append((event, args))
        )
    task = Heard()
    task.trigger_event(luigi.Event.START, task)
    task.trigger_event(luigi.Event.FAILURE, task, ValueError("no"))
    assert [event for event, _ in heard] == ["START", "FAILURE"]
    assert task.on_success() is None
    assert isinstance(task.on_failure(ValueError("no luck")), str)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("already_running", 10),
        ("missing_data", 20),
        ("not_run", 30),
        ("task_failed", 40),
        ("scheduling_error", 50),
        ("unhandled_exception", 60),
    ],
)
def test_laws_return_codes(name: str, code: int) -> None:
    assert getattr(luigi.retcodes.retcode, name)._default == code


def test_laws_programs_are_a_list_of_names() -> None:
    assert {"run", "index", "config"} <= set(law.cli.cli.progs)


def test_law_ends_with_abort_where_it_finds_no_task(run: Run) -> None:
    run(
        code="""
        import importlib, sys

        module = importlib.import_module("law.cli.run")

        def abort(message, *args, **kwargs):
            print("aborted:", message)
            sys.exit(3)

        module.abort = abort
        sys.argv = ["law", "run", "nowhere_at_all"]
        importlib.import_module("law.cli.cli").run()
        """,
        expect=3,
    )


def test_argparse_makes_a_formatter_for_each_option_only_to_look_at_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make = ArgumentParser._get_formatter
    made: list[HelpFormatter] = []

    def counted(parser: ArgumentParser) -> HelpFormatter:
        made.append(make(parser))
        return made[-1]

    monkeypatch.setattr(ArgumentParser, "_get_formatter", counted)
    parser = ArgumentParser(prog="p")
    for name in ("--one", "--two"):
        parser.add_argument(name, help="some words")
    assert len(made) >= 2
    assert {formatter.format_help() for formatter in made} == {""}
