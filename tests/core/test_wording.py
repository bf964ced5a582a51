"""How code is written, and in which lines it changed."""

from lawnix.core.digest import digest
from lawnix.core.wording import KnownCode, code_change


def code(**texts):
    """Code with components that are written like that."""
    components = {name: digest("code component", text.encode()) for name, text in texts.items()}
    return KnownCode(
        components, {"cut": "cuts.py:3"}, {components[name]: text for name, text in texts.items()}
    )


def test_the_lines_that_differ_are_counted_and_shown():
    before = code(cut="def cut(x):\n    y = x\n    return y > 20", same="K = 1")
    after = code(cut="def cut(x):\n    return x > 25", same="K = 1")
    (only,) = code_change(before, after).rewritten
    assert (only.name, only.place, only.brief) == ("cut", "cuts.py:3", "−2 +1 lines")
    assert only.lines[3:] == (" def cut(x):", "-    y = x", "-    return y > 20", "+    return x > 25")


def test_a_short_value_is_told_in_place():
    assert [each.brief for each in code_change(code(cut="20"), code(cut="25")).rewritten] == ["20 → 25"]


def test_what_stands_in_one_of_them_alone_was_not_rewritten():
    assert code_change(code(old="1"), code(new="1")).rewritten == ()


def test_without_the_words_of_both_there_are_no_lines():
    before = KnownCode({"cut": digest("code component", b"?")})
    (only,) = code_change(before, code(cut="25")).rewritten
    assert (only.lines, only.brief) == ((), "")


def test_lines_that_begin_like_a_mark_are_counted_as_lines():
    before, after = (
        code(cut="-- a\n++ b\nend of it, which is long enough to be shown line by line"),
        code(cut=""),
    )
    assert code_change(before, after).rewritten[0].brief == "−3 +0 lines"
