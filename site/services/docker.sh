#!/usr/bin/env bash
# The Docker engine of Debian bookworm as a plain process beside any other: socket, data and settings of its own, no bridge, no
# packet filter (containers have the network `none` or `host`), and images that are imported, so that no registry is asked.
# shellcheck source=site/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=site/images.sh
. "$(dirname "${BASH_SOURCE[0]}")/../images.sh"

need docker.io
"$(dirname "${BASH_SOURCE[0]}")/user.sh" # who may use the engine, as members of the group docker may elsewhere
. "$SITE_DIR/env/user"

data=$SITE_DIR/docker
export DOCKER_HOST=unix://$SITE_DIR/run/docker.sock
docker=/usr/bin/docker # another client on the machine may be too new for this engine

if ! running dockerd >/dev/null; then
    mkdir -p "$data"
    driver=overlay2
    [ "$(stat -f -c %T "$data")" != overlayfs ] || driver=vfs # overlay2 cannot lie on overlayfs
    echo '{}' >"$SITE_DIR/docker.json" # instead of the machine's own
    # of one that was killed, whose containerd ended with it; another process, or a zombie, may have the number by now
    rm -f "$SITE_DIR/run/dockerd.own" "$SITE_DIR/run/docker/containerd/containerd.pid"
    daemon dockerd /usr/sbin/dockerd --config-file "$SITE_DIR/docker.json" --host "$DOCKER_HOST" --group "$SITE_USER" \
        --data-root "$data" --exec-root "$SITE_DIR/run/docker" --pidfile "$SITE_DIR/run/dockerd.own" --storage-driver "$driver" \
        --containerd-namespace lawnix-site --containerd-plugins-namespace lawnix-site-plugins \
        --bridge none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false
fi
wait_for dockerd 60 "$docker" version

# import NAME TAG COMMAND: the tree NAME as image TAG
import() {
    ! "$docker" image inspect "$2" >/dev/null 2>&1 || return 0
    tree "$1"
    tar -C "$SITE_DIR/images/$1" -c . | nice -n 10 "$docker" import -c "CMD [\"$3\"]" - "$2" >/dev/null
}
import busybox lawnix-site/busybox:1 /bin/sh
import python3.11 lawnix-site/python:3.11 /bin/bash
import python3.13 lawnix-site/python:3.13 /bin/bash

"$docker" run --rm --pull never --network none lawnix-site/busybox:1 true
tell DOCKER_HOST="$DOCKER_HOST" SITE_DOCKER=lawnix-site
say "ready: engine $("$docker" version -f '{{.Server.Version}}'), $("$docker" info -f '{{.Driver}}, cgroup v{{.CgroupVersion}}' 2>/dev/null)"
