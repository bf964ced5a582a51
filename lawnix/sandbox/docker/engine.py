"""The Docker engine, and the images that it has or can get."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lawnix.errors import SandboxError

logger = logging.getLogger(__name__)


@contextmanager
def engine(sandbox: str, patience: float) -> Iterator[Any]:
    """The client of the engine that `DOCKER_HOST` names; what goes wrong with it is told as an error of `sandbox`.

    Args:
        sandbox: What it is for, for messages.
        patience: Seconds that an answer may take; a build or download may take longer.

    Raises:
        SandboxError: There is no SDK, or the engine does not answer, or cannot do what it is asked.
    """
    try:
        import docker
        import requests
    except ImportError as error:
        raise SandboxError(
            sandbox, f"it takes the Docker SDK for Python ({error}): pip install 'lawnix[docker]'"
        ) from error
    client = None
    try:
        client = docker.APIClient(**docker.utils.kwargs_from_env(), version="auto", timeout=patience)
        yield client
    except (docker.errors.DockerException, requests.RequestException) as error:
        if client is not None:
            raise SandboxError(sandbox, f"the Docker engine says: {explained(error)}") from error
        where = os.environ.get("DOCKER_HOST", "its usual place")
        raise SandboxError(
            sandbox,
            f"the Docker engine at {where} does not answer: {error}; start it, or say in DOCKER_HOST where it listens",
        ) from error
    finally:
        if client is not None:
            client.close()


def image_of(client: Any, name: str, sandbox: str) -> str:
    """The id of the image called `name`; it is pulled if it is not there and a registry answers.

    Raises:
        SandboxError: It cannot be had.
    """
    import docker
    import requests

    try:
        return str(client.inspect_image(name)["Id"])
    except docker.errors.ImageNotFound:
        pass
    try:
        client.inspect_distribution(name)  # within the patience of the client, which a pull would not end by
        logger.info("pulling the image %s", name)
        repository, tag = docker.utils.parse_repository_tag(name)
        client.pull(repository, tag=tag or "latest")
        return str(client.inspect_image(name)["Id"])
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise SandboxError(
            sandbox,
            f"the Docker engine has no image {name}, and cannot pull it ({explained(error)}): try "
            f"`docker pull {name}`, or name a Dockerfile",
        ) from error


def explained(error: Exception) -> str:
    """What went wrong, without how the engine was asked."""
    return str(getattr(error, "explanation", None) or error).strip()
