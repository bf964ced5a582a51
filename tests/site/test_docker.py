"""The real engine does what a sandbox asks of it."""

import os
import uuid

import pytest

ADD = "print(1 + int(open('/given/number').read()), file=open('/made/number', 'w'))"


@pytest.mark.parametrize("number", [0, 1])
def test_python_reads_what_is_bound_and_writes_what_its_caller_owns(docker, traveller, number):
    docker.client.containers.run(
        docker.pythons[number], ["python3", "-c", ADD], remove=True, network_mode="none", user=f"{traveller.uid}:{traveller.gid}",
        volumes={str(traveller.given): {"bind": "/given", "mode": "ro"}, str(traveller.made): {"bind": "/made", "mode": "rw"}},
    )  # fmt: skip
    made = traveller.made / "number"
    assert made.read_text() == "43\n"
    assert (made.stat().st_uid, made.stat().st_gid) == (traveller.uid, traveller.gid)


def test_what_is_bound_for_reading_cannot_be_written_even_by_root(docker, tmp_path):
    code = "touch /given/number && echo written; ls /sys/class/net; exit 7"
    container = docker.client.containers.create(
        docker.busybox, ["sh", "-c", code], network_mode="none", volumes={str(tmp_path): {"bind": "/given", "mode": "ro"}}
    )  # fmt: skip
    try:
        container.start()
        assert container.wait()["StatusCode"] == 7
        assert container.logs(stdout=True, stderr=False) == b"lo\n"
        assert b"Read-only" in container.logs(stdout=False, stderr=True)
    finally:
        container.remove(force=True)
    assert os.listdir(tmp_path) == []


def test_an_image_is_built_from_its_context(docker, tmp_path):
    tag = f"lawnix-test/{uuid.uuid4().hex}"
    (tmp_path / "added").write_text("from the context\n")
    (tmp_path / "Dockerfile").write_text(
        f"FROM {docker.busybox}\nCOPY added /added\nRUN cat /added > /built\n"
    )
    image, _ = docker.client.images.build(path=str(tmp_path), tag=tag, network_mode="none", rm=True)
    try:
        assert image.id.startswith("sha256:")
        said = docker.client.containers.run(tag, ["cat", "/built"], remove=True, network_mode="none")
        assert said == b"from the context\n"
    finally:
        docker.client.images.remove(tag, force=True)


def test_an_image_that_is_not_there_is_told_at_once(docker):
    from docker.errors import ImageNotFound

    with pytest.raises(ImageNotFound):
        docker.client.containers.create("lawnix-test/nobody-made-this:1", "true")


def test_an_image_that_was_pushed_is_had_again_by_its_digest(docker, registry):
    repository = f"{registry}/lawnix-test/{uuid.uuid4().hex}"
    original = docker.client.images.get(docker.busybox)
    original.tag(repository, "1")
    try:
        docker.client.images.push(repository, "1")
        (digest,) = [
            each
            for each in docker.client.images.get(f"{repository}:1").attrs["RepoDigests"]
            if each.startswith(repository)
        ]
        docker.client.images.remove(f"{repository}:1")
        assert docker.client.images.pull(digest).id == original.id
    finally:
        for each in docker.client.images.list(repository):
            for name in each.attrs["RepoTags"] + each.attrs["RepoDigests"]:
                if name.startswith(repository):
                    docker.client.images.remove(name)


def test_a_container_that_takes_too_much_memory_is_killed(docker):
    container = docker.client.containers.create(
        docker.pythons[0], ["python3", "-c", "b'x' * 2**30"], network_mode="none", mem_limit="64m", memswap_limit="64m"
    )  # fmt: skip
    try:
        container.start()
        assert container.wait()["StatusCode"] == 137
        container.reload()
        assert container.attrs["State"]["OOMKilled"] is True
    finally:
        container.remove(force=True)
