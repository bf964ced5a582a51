"""Lists of requirements: what they pin, however it is written."""

import pytest

from lawnix.errors import SandboxError
from lawnix.sandbox.virtualenv.requirements import requirements_in, requirements_of, written

MARKERS = {"python_version": "3.11", "python_full_version": "3.11.7", "sys_platform": "linux"}
ONE, TWO = "a" * 64, "b" * 64


def pins(text, tmp_path):
    found = requirements_of(text, tmp_path, "venv::list.txt")
    assert not found.loose
    return found.here(MARKERS)


def forms(text, tmp_path):
    return [pin.form for pin in pins(text, tmp_path)]


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\nsix==1.16.0   # behind\n\nidna==3.4",
        "idna == 3.4\nsix==1.16.0",
        "Six==1.16.0\nIDNA==3.4\n",
        "six==1.16.0\nidna==3.4 ; python_version >= '3.8'\ncolorama==1.0 ; sys_platform == 'win32'",
        "--index-url https://elsewhere.example/simple\n--extra-index-url=https://x.example\nsix==1.16.0\nidna==3.4",
        "six==1.16.0\nidna[all]==3.4",
        "-r more.txt\nidna==3.4",
        "-rmore.txt\n--requirement=more.txt\nidna==3.4",
        "-c constraints.txt\nsix \\\n  ==1.16.0\nidna==3.4",
    ],
)
def test_what_pins_the_same_is_the_same(text, tmp_path):
    (tmp_path / "more.txt").write_text("six==1.16.0\n")
    assert forms(text, tmp_path) == forms("six==1.16.0\nidna==3.4\n", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "six==1.17.0\nidna==3.4",
        "six==1.16.0",
        "six==1.16.0\nidna==3.4\nattrs==1.0",
        f"six==1.16.0 --hash=sha256:{ONE}\nidna==3.4",
        "six==1.16.0\nidna==3.4 --config-settings=fast=1",
        f"six @ https://x.example/six-1.16.0-py3-none-any.whl#sha256={ONE}\nidna==3.4",
    ],
)
def test_what_pins_something_else_is_something_else(text, tmp_path):
    assert forms(text, tmp_path) != forms("six==1.16.0\nidna==3.4\n", tmp_path)


def test_hashes_count_in_any_order(tmp_path):
    one = f"six==1.16.0 \\\n    --hash=sha256:{ONE} \\\n    --hash=sha256:{TWO}\n"
    other = f"six==1.16.0 --hash=sha256:{TWO} --hash sha256:{ONE.upper()}\n"
    assert (
        forms(one, tmp_path)
        == forms(other, tmp_path)
        == [("six", "1.16.0", (f"sha256:{ONE}", f"sha256:{TWO}"), "")]
    )


@pytest.mark.parametrize(
    "line",
    [
        "six",
        "six>=1.16",
        "six==1.*",
        "six==1.16.0,>1",
        "-e .",
        "--editable=./mine",
        "six @ https://x.example/six-1.16.0-py3-none-any.whl",
        "six @ git+https://x.example/six@main",
    ],
)
def test_what_leaves_something_open_is_named(line, tmp_path):
    assert requirements_of(f"idna==3.4\n{line}\n", tmp_path, "venv::list.txt").loose == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "six===1.16.0",
        f"six @ git+https://x.example/six@{'0123456789' * 4}",
        f"six @ https://x.example/six.zip --hash=sha256:{ONE}",
        f"six @ file:///home/me/six.zip#egg=six&sha256={ONE}",
    ],
)
def test_what_leaves_nothing_open_is_pinned(line, tmp_path):
    (pin,) = pins(line, tmp_path)
    assert forms(written([pin], []), tmp_path) == [pin.form]


def test_where_an_archive_lies_does_not_count_if_its_content_does(tmp_path):
    here, there = (f"six @ file:///{place}/six.zip#sha256={ONE}" for place in ("here", "there"))
    assert forms(here, tmp_path) == forms(there, tmp_path)


def test_what_is_no_requirement_is_told(tmp_path):
    with pytest.raises(SandboxError, match=r"'\./here\.whl', which is no requirement"):
        requirements_of("./here.whl", tmp_path, "venv::list.txt")


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SandboxError, match=r"none\.txt cannot be read: No such file"):
        requirements_in(tmp_path / "none.txt", "venv::list.txt")


def test_what_is_no_text_is_told(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SandboxError, match=r"list\.txt cannot be read: .*decode"):
        requirements_in(tmp_path / "list.txt", "venv::list.txt")


def test_a_list_that_refers_to_itself_is_told(tmp_path):
    (tmp_path / "list.txt").write_text("-r more.txt\nsix==1.16.0\n")
    (tmp_path / "more.txt").write_text("-r list.txt\n")
    with pytest.raises(SandboxError, match=r"list\.txt refers to itself"):
        requirements_in(tmp_path / "list.txt", "venv::list.txt")


def test_two_lists_may_refer_to_one(tmp_path):
    (tmp_path / "list.txt").write_text("-r more.txt\n-r more.txt\n")
    (tmp_path / "more.txt").write_text("six==1.16.0\n")
    assert {str(pin) for pin in requirements_in(tmp_path / "list.txt", "venv::list.txt").pins} == {
        "six==1.16.0"
    }


def test_options_that_change_what_is_installed_are_kept_and_places_are_made_absolute(tmp_path):
    (tmp_path / "wheels").mkdir()
    found = requirements_of("--no-binary six\n-f wheels\n--no-index\nsix==1.16.0", tmp_path, "venv::list.txt")
    assert found.options == ("--no-binary six",)
    assert found.where == (f"-f {tmp_path / 'wheels'}", "--no-index")
