"""law.cfg, the environment, and luigi's configuration behind it."""

from collections.abc import Callable
from pathlib import Path

import law
import luigi
import pytest

Run = Callable[..., object]

SHOW = """
import law, luigi
from law.config import Config
config = Config.instance()
print(config.config_file)
print(config.get_expanded("probe", "a", default=None))
"""


def lines(done: object) -> list[str]:
    return done.stdout.splitlines()


def test_the_file_that_the_variable_names_comes_first(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.cfg").write_text("[probe]\na: other\n")
    assert lines(run(code=SHOW, LAW_CONFIG_FILE=str(tmp_path / "other.cfg"))) == [
        str(tmp_path / "other.cfg"),
        "other",
    ]


def test_then_the_one_of_the_current_directory_then_that_of_laws_home(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config").write_text("[probe]\na: home\n")
    outside = {"LAW_CONFIG_FILE": "", "LAW_HOME": str(home)}
    assert lines(run(code=SHOW, **outside)) == [str(tmp_path / "law.cfg"), "None"]
    (tmp_path / "law.cfg").unlink()
    assert lines(run(code=SHOW, **outside)) == [str(home / "config"), "home"]
    (home / "config").unlink()
    assert lines(run(code=SHOW, **outside)) == ["None", "None"]


def test_the_environment_says_more(run: Run) -> None:
    assert lines(run(code=SHOW, LAW__probe__a="from outside"))[1] == "from outside"


def test_options_are_listed_with_what_the_environment_adds(run: Run, tmp_path: Path) -> None:
    (tmp_path / "law.cfg").write_text("[probe]\na: 50\nb\n")
    show = """
    from law.config import Config
    config = Config.instance()
    print(sorted(config.options("probe")), config.has_section("probe"), config.has_section("nothing"))
    """
    assert lines(run(code=show, LAW__probe__c="1")) == ["['a', 'b', 'c'] True False"]


def test_paths_and_references_are_expanded_on_demand(run: Run, tmp_path: Path) -> None:
    (tmp_path / "law.cfg").write_text("[probe]\na: $PROBE/x\nb: &::probe::a\n")
    show = """
    from law.config import Config
    print(Config.instance().get_expanded("probe", "a"), Config.instance().get_expanded("probe", "b"))
    """
    assert lines(run(code=show, PROBE="/p")) == ["/p/x /p/x"]


@pytest.mark.parametrize("by", ["file", "environment"])
def test_sections_for_luigi_reach_luigi(run: Run, tmp_path: Path, by: str) -> None:
    more = {
        "LAW__luigi_resources__gpu": "2",
        "LAW__luigi_scheduler__retry_delay": "7",
        "LAW__luigi_worker__timeout": "5",
    }
    if by == "file":
        (tmp_path / "law.cfg").write_text(
            "[luigi_resources]\ngpu: 2\n[luigi_scheduler]\nretry_delay: 7\n[luigi_worker]\ntimeout: 5\n"
        )
    show = """
    import law, luigi
    config = luigi.configuration.get_config()
    print(dict(config.getintdict("resources")), config.getfloat("scheduler", "retry_delay", 0.0))
    print(config.getint("worker", "timeout", 0))
    """
    assert lines(run(code=show, **(more if by == "environment" else {}))) == ["{'gpu': 2} 7.0", "5"]


def test_without_them_the_given_defaults_hold(run: Run) -> None:
    show = """
    import law, luigi
    config = luigi.configuration.get_config()
    print(dict(config.getintdict("resources")), config.getfloat("scheduler", "retry_delay", 0.0))
    """
    assert lines(run(code=show)) == ["{} 0.0"]


TASKS = """
import law, luigi

class Job(law.Task):
    n = luigi.IntParameter(default=1)
    flag = luigi.BoolParameter()

    def output(self):
        return law.LocalFileTarget("/nowhere")

    def run(self):
        "Nothing."
"""


def test_the_index_has_a_line_for_each_family_with_module_and_parameters(run: Run, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(TASKS)
    (tmp_path / "law.cfg").write_text("[modules]\njobs\n")
    run("law", "index", "--quiet")
    (line,) = (tmp_path / ".law/index").read_text().split("\n")[:1]
    module, family, parameters = line.split(":")
    assert (module, family) == ("jobs", "Job")
    assert {"n", "flag"} <= set(parameters.split())


def test_the_parser_of_a_root_task_calls_error_on_what_it_does_not_know(run: Run, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(TASKS)
    run(
        code="""
    import functools
    import jobs, law, luigi
    from luigi.cmdline_parser import CmdlineParser

    build = CmdlineParser._build_parser
    errors = []

    @functools.wraps(build)
    def checking(root_task=None, help_all=False):
        parser = build(root_task=root_task, help_all=help_all)
        if root_task is not None:
            def error(message):
                errors.append(message)
                raise LookupError(root_task)
            parser.error = error
            assert "--n" in parser._option_string_actions
            assert "--Job-n" in parser._option_string_actions
        return parser

    CmdlineParser._build_parser = staticmethod(checking)
    for words in (["--zz", "1"], ["--n"]):
        try:
            CmdlineParser(["Job", *words])
        except LookupError as error:
            assert error.args == ("Job",)
    assert errors[0].startswith("unrecognized arguments: --zz"), errors
    assert errors[1].startswith("argument --n"), errors
    assert "expected" in errors[1], errors

    parser = CmdlineParser(["Job", "--n", "3"])
    assert parser.known_args.root_task == "Job"
    assert parser.known_args.n == "3"
    with CmdlineParser.global_instance(["Job", "--n", "4"], allow_override=True) as parser:
        assert CmdlineParser._instance is parser
        assert parser.get_task_obj().n == 4
    """
    )


def test_a_parameter_says_whether_it_has_a_value_and_reads_and_normalizes_text() -> None:
    assert luigi.IntParameter(default=1).has_task_value("NoFamily", "n")
    assert not luigi.IntParameter().has_task_value("NoFamily", "n")
    assert luigi.IntParameter().parse("3") == 3
    assert luigi.IntParameter(significant=False).significant is False
    assert law.CSVParameter().parse("a,b") == ("a", "b")
    choice = luigi.ChoiceParameter(choices=["x"], default="x")
    assert choice._choices == {"x"}
    with pytest.raises(ValueError):
        choice.normalize("y")
