"""What a Python is: asked of it by running this file with it. Any Python 3 understands it."""

import json
import os
import platform
import sys
import sysconfig


def described() -> "dict[str, object]":
    """What decides which packages fit to this Python, and where its own parts lie."""
    implementation = sys.implementation.version
    version = ".".join(map(str, implementation[:3]))
    if implementation.releaselevel != "final":
        version += implementation.releaselevel[0] + str(implementation.serial)
    return {
        # the names and values of PEP 508
        "markers": {
            "implementation_name": sys.implementation.name,
            "implementation_version": version,
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_python_implementation": platform.python_implementation(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "python_version": ".".join(platform.python_version_tuple()[:2]),
            "sys_platform": sys.platform,
        },
        "executable": sys.executable,
        "base_prefix": sys.base_prefix,
        "platform": [sysconfig.get_platform(), sysconfig.get_config_var("SOABI")],
        "packages": [entry for entry in sys.path if "-packages" in entry],
    }


if __name__ == "__main__":
    print(json.dumps(described()))  # noqa: T201  # this is the answer
