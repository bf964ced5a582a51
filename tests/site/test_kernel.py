"""bubblewrap and Landlock confine whoever asks for it."""

import ctypes

import pytest


def test_bubblewrap_shows_what_is_named_without_a_network(bubblewrap, traveller):
    code = "read n </given/number; echo $((n + 1)) >/made/number; touch /given/more; cat /proc/net/dev; ls /"
    said = traveller.run(
        bubblewrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
        "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc",
        "--ro-bind", traveller.given, "/given", "--bind", traveller.made, "/made", "sh", "-c", code,
    )  # fmt: skip
    made = traveller.made / "number"
    assert made.read_text() == "43\n"
    assert (made.stat().st_uid, made.stat().st_gid) == (traveller.uid, traveller.gid)
    assert not (traveller.given / "more").exists()
    interfaces = [line.split(":")[0].strip() for line in said.splitlines() if ":" in line]
    assert interfaces == ["lo"]
    assert said.splitlines()[-7:] == ["bin", "given", "lib", "lib64", "made", "proc", "usr"]


def test_the_kernel_says_which_landlock_it_has():
    create_ruleset, version = 444, 1
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.syscall(create_ruleset, None, ctypes.c_size_t(0), ctypes.c_uint32(version))
    if found < 0:
        pytest.skip("this kernel has no Landlock, or it is switched off (5.13 or later, `lsm=landlock,…`)")
    assert found >= 1
