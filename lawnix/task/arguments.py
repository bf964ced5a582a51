"""What is said on the command line, checked before anything happens: parameter names and their values.

luigi's parser would print its whole usage for a name that it does not know, and a traceback for a value.
"""

from __future__ import annotations  # luigi's Parameter could not be subscripted before 3.7

import functools
import re
import sys
from argparse import ArgumentParser, HelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NoReturn

import law
import luigi
import luigi.cmdline
from law.task.base import BaseTask
from luigi.cmdline_parser import CmdlineParser
from luigi.task_register import Register

from lawnix.core.nearest import nearest_to
from lawnix.errors import LawnixError, ParameterValueError, UnknownNameError, UsageError
from lawnix.task.registered import check_family, is_ours

_EXPECTED: Final[tuple[tuple[type[luigi.Parameter[Any]], str], ...]] = (
    (luigi.IntParameter, "an integer, such as 3"),
    (luigi.FloatParameter, "a number, such as 0.5"),
    (luigi.BoolParameter, "True or False"),
    (luigi.DateParameter, "a date, such as 2024-12-31"),
    (luigi.TimeDeltaParameter, "a duration, such as 3h or '2 days'"),
    (luigi.DictParameter, """a JSON object, such as '{"a": 1}'"""),
    (luigi.ListParameter, "a JSON list, such as '[1, 2]'"),
    (law.CSVParameter, "values with commas between them, such as a,b"),
)
_ALONE: Final = {"--print-plan": "5", "--why": "0"}  # questions that may be asked without a value
_on_command_line: ContextVar[bool] = ContextVar("on_command_line", default=False)


def expected(parameter: luigi.Parameter[Any]) -> str:
    """What a parameter takes, in words."""
    if isinstance(parameter, luigi.ChoiceParameter):
        return f"one of {', '.join(sorted(map(str, parameter._choices)))}"
    if isinstance(parameter, luigi.EnumParameter):
        return f"one of {', '.join(member.name for member in parameter._enum)}"
    words = next((words for kind, words in _EXPECTED if isinstance(parameter, kind)), "")
    return words or f"a value of {type(parameter).__name__}"


def on_command_line() -> bool:
    """Whether this process is a `law run`, which ends when its run does."""
    return _on_command_line.get()


def install() -> None:
    """Check what is said to tasks of lawnix, and end `law run` with a message where lawnix has one; done once."""
    if hasattr(CmdlineParser.__init__, "__lawnix__"):
        return
    _check_tasks()
    _check_names()
    _check_values()
    _end_with_message()


# --------------------------------------------------------------------------------------------- tasks


def _check_tasks() -> None:
    """Name the nearest task where `law run` finds none; where it has loaded no module yet, it is alone."""
    run = sys.modules.get("law.cli.run")
    abort = getattr(run, "abort", None)
    if run is None or abort is None:
        return

    @functools.wraps(abort)
    def naming(message: str | None = None, *args: Any, **kwargs: Any) -> NoReturn:
        unknown = re.match(r"task (?:family )?'(.*)' not found", message or "")
        if unknown:
            from lawnix.task.command import family_of  # only where somebody errs

            try:
                family_of(unknown[1])
            except LawnixError as error:
                _abort(error)
        abort(message, *args, **kwargs)
        raise AssertionError("unreachable")

    run.abort = naming  # type: ignore[attr-defined]  # on purpose


# --------------------------------------------------------------------------------------------- names


def _check_names() -> None:
    build_parser = CmdlineParser._build_parser
    built: dict[tuple[str | None, bool], tuple[list[type], ArgumentParser]] = {}

    @functools.wraps(build_parser)
    def checking(root_task: str | None = None, help_all: bool = False) -> ArgumentParser:
        classes, parser = built.get((root_task, help_all), ([], None))
        if parser is not None and classes == Register._reg:  # one command asks for it nine times
            return parser
        if root_task is not None:
            check_family(root_task, ours=True)
        with _one_formatter():
            parser = build_parser(root_task=root_task, help_all=help_all)
        built[root_task, help_all] = list(Register._reg), parser
        if root_task is not None and _is_ours(root_task):
            parser.error = functools.partial(_refuse, parser, root_task)  # type: ignore[method-assign]  # of this parser alone
            for option, value in _ALONE.items():
                action = parser._option_string_actions.get(option)
                if action is not None:
                    action.nargs, action.const = "?", value
        return parser

    CmdlineParser._build_parser = staticmethod(checking)  # type: ignore[method-assign]  # on purpose


@contextmanager
def _one_formatter() -> Iterator[None]:
    """Within, argparse makes one formatter of help, not one for each option, which asks the terminal for its width."""
    make = ArgumentParser._get_formatter
    made: list[HelpFormatter] = []

    def shared(self: ArgumentParser) -> HelpFormatter:
        if not made:
            made.append(make(self))
        return made[0]

    ArgumentParser._get_formatter = shared  # type: ignore[method-assign]  # on purpose
    try:
        yield
    finally:
        ArgumentParser._get_formatter = make  # type: ignore[method-assign]  # as it was


def _is_ours(family: str) -> bool:
    """Whether the task has to do with lawnix, and is there at all."""
    return is_ours(Register._get_reg().get(family))


def _refuse(parser: ArgumentParser, family: str, message: str) -> NoReturn:
    """Say what argparse found wrong with the arguments, and what could have been meant."""
    unknown = re.match(r"unrecognized arguments: (.*)", message)
    if unknown:
        words = unknown[1].split()
        word = next((word for word in words if word.startswith("-")), words[0])
        name = word.split("=")[0]
        known = [option for option in parser._option_string_actions if option.startswith("--")]
        own = {
            f"--{parameter.replace('_', '-')}" for parameter, _ in Register.get_task_cls(family).get_params()
        }
        nearest = nearest_to(name, own, 2) or nearest_to(name, known, 2)
        raise UnknownNameError(
            f"parameter of {family} named", name, nearest, f"`law run {family} --help` lists them"
        )
    missing = re.match(r"argument --(\S+): expected", message)
    parameters = dict(Register.get_task_cls(family).get_params())
    option = f"--{missing[1].split('/')[0]}" if missing else ""
    parameter = option.removeprefix("--").replace("-", "_")
    if parameter in parameters:
        words = f"{expected(parameters[parameter])} (one that begins with a dash is written {option}=-…)"
        raise ParameterValueError(family, parameter, None, words)
    raise UsageError(f"{family}: {message}; `law run {family} --help` lists the parameters")


# -------------------------------------------------------------------------------------------- values


def _check_values() -> None:
    init = CmdlineParser.__init__

    @functools.wraps(init)
    def checking(self: CmdlineParser, cmdline_args: Any) -> None:
        init(self, cmdline_args)
        if _is_ours(self.known_args.root_task):
            with _as_global(self):
                _check(self.known_args, Register.get_task_cls(self.known_args.root_task))

    checking.__lawnix__ = True  # type: ignore[attr-defined]  # a mark, so that it is done once
    CmdlineParser.__init__ = checking  # type: ignore[method-assign]  # on purpose


@contextmanager
def _as_global(parser: CmdlineParser) -> Iterator[None]:
    """Within, parameters find what `parser` read."""
    before = CmdlineParser._instance
    CmdlineParser._instance = parser
    try:
        yield
    finally:
        CmdlineParser._instance = before


def _check(known: Any, cls: Any) -> None:
    """Check that every parameter of the root task is given a value that it can have, or has one.

    Raises:
        ParameterValueError: One is not.
    """
    family = cls.get_task_family()
    fills_in = cls.modify_param_args.__code__ is not BaseTask.modify_param_args.__code__
    for name, parameter in cls.get_params():
        text = getattr(known, name, None)
        given = bool(text) or (text is not None and getattr(parameter, "parse_empty", False))
        try:
            if given:
                parameter.normalize(parameter.parse(text))
            has_value = given or fills_in or parameter.has_task_value(family, name)
        except Exception as error:  # a parse() may raise anything
            said = text if given else getattr(known, f"{family}_{name}", None) or "what law.cfg says"
            words = expected(parameter)
            reason = str(error) if words.startswith("a value of") else ""
            raise ParameterValueError(family, name, said, words, reason) from error
        if not has_value:
            raise ParameterValueError(family, name, None, expected(parameter))


# ------------------------------------------------------------------------------------------- the end


def _end_with_message() -> None:
    run_with_retcodes, run = luigi.cmdline.run_with_retcodes, luigi.interface._run

    @functools.wraps(run_with_retcodes)
    def ending(argv: list[str]) -> Any:
        token = _on_command_line.set(True)  # elsewhere, whoever calls gets the error itself
        try:
            return run_with_retcodes(argv)
        except LawnixError as error:
            _abort(error)
        finally:
            _on_command_line.reset(token)

    @functools.wraps(run)
    def telling(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except LawnixError as error:
            if not _on_command_line.get():
                raise
            _abort(error)  # luigi would print its traceback

    luigi.cmdline.run_with_retcodes = ending
    luigi.interface._run = telling


def _abort(error: LawnixError) -> NoReturn:
    law.util.abort(str(error), exitcode=2 if isinstance(error, UsageError) else 1)
    raise AssertionError("unreachable")
