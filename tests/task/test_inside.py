"""What serves in a sandbox runs on older versions of Python, and needs none of lawnix's libraries."""

import json
import subprocess
import sys
from pathlib import Path

LOADED = """
import json, sys
import law, luigi
sys.modules.update(dict.fromkeys(sys.argv[1:]))  # importing one of these fails
import lawnix, lawnix.task.inside, lawnix.sandbox.terminal
for name in lawnix.__all__:
    getattr(lawnix, name)
print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.partition(".")[0] == "lawnix"]))
"""
LIBRARIES = ["blake3", "click", "humanize", "packaging", "pooch", "rich", "threadpoolctl", "zstandard"]


def loaded() -> list[str]:
    """The files of lawnix that are loaded there, with all of its public names."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *LIBRARIES], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_it_needs_nothing_that_came_after_python_3_10():
    vermin = Path(sys.executable).with_name("vermin")
    files = [*loaded(), str(Path(__file__).parents[2] / "lawnix" / "sandbox" / "boot.py")]
    assert len(files) > 40
    # of annotations, which nobody evaluates, nothing is asked
    command = [vermin, "--target=3.10-", "--violations", "--no-tips", "--no-eval-annotations", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
