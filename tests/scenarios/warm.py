"""A warm process: it has law and lawnix imported, and forks a fresh child for each `law` command it is asked for.

Orders come as lines of JSON on stdin, answers go to stdout:
{"argv", "directory", "environment", "output", "prelude"} starts a command and is answered by its {"pid"};
{"wait": pid, "seconds"} is answered by {"code"}: the exit code, negative for a signal, null if it still runs.
The child leads a session of its own, and has imported nothing of the project that it works in.
"""

import importlib
import json
import logging
import os
import runpy
import sys
import time

import law
import law.cli.cli

importlib.import_module("luigi.cmdline")
for prog in law.cli.cli.progs:
    importlib.import_module(f"law.cli.{prog}")
import lawnix  # noqa: E402  # after law, as `law run` does it
import lawnix.task  # noqa: E402

for name in lawnix.__all__:
    getattr(lawnix, name)
importlib.import_module("lawnix.task.code.code")
assert law.config.Config.instance().config_file is None, "the warm process shall know no configuration"


def wait(pid: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(0.002)


def become(order: dict) -> None:
    """Be the process of the command that `order` says."""
    os.setsid()
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    null = os.open(os.devnull, os.O_RDONLY)
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, source in enumerate((null, output, output)):
        os.dup2(source, number)
    os.close(null)
    os.close(output)
    sys.path.insert(0, order["directory"])
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    law.config.Config._instance = None
    for logger, level in law.config.Config.instance().items("logging"):
        law.logger.setup_logger(logger, level)
        logging.getLogger(logger).setLevel(level)
    sys.argv = ["law", *order["argv"]]
    if order["prelude"]:
        runpy.run_path(order["prelude"], run_name="prelude")


def serve() -> dict:
    """Answer orders; comes back in a child, with its order."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.set_inheritable(answers.fileno(), False)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answers.write(json.dumps({"code": wait(order["wait"], order["seconds"])}) + "\n")
            continue
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            answers.close()
            return order
        answers.write(json.dumps({"pid": pid}) + "\n")
    sys.exit(0)


if __name__ == "__main__":
    become(serve())
    sys.exit(law.cli.cli.run())
