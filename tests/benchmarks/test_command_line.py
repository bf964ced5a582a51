"""The command line of the harness."""

import pytest

from benchmarks.__main__ import asked


def test_small_stands_for_what_is_not_said():
    options = asked(["--small"])
    assert (options.sizes, options.rounds, options.limit) == ([10, 100], 1, 30)
    options = asked(["--small", "--limit", "60", "--sizes", "20"])
    assert (options.sizes, options.rounds, options.limit) == ([20], 1, 60)


@pytest.mark.parametrize("option", ["--sizes", "--workers", "--rounds", "--limit"])
@pytest.mark.parametrize("number", ["0", "-1"])
def test_what_cannot_be_measured_is_refused(option, number, capsys):
    with pytest.raises(SystemExit):
        asked([option, number])
    assert f"{option}: has to be 1 or more, not {number}" in capsys.readouterr().err


@pytest.mark.parametrize("text", [None, "no JSON", "[]", '{"about": {}}'])
def test_what_is_no_run_is_not_told_of(text, tmp_path, capsys):
    file = tmp_path / "run.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SystemExit):
        asked(["--from", str(file)])
    assert ("cannot be read" if text is None else "nothing that --json has kept") in capsys.readouterr().err
