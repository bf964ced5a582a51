#!/usr/bin/env bash
# The Docker registry of Debian bookworm on the loopback device, empty, so that images can have digests of a registry.
# shellcheck source=site/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need curl docker-registry
port=${SITE_REGISTRY_PORT:-15055}

asked() {
    curl -sf "http://127.0.0.1:$port/v2/"
}

if ! running registry >/dev/null; then
    if (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; then
        say "port $port is taken by another; name a free one with SITE_REGISTRY_PORT" >&2
        exit 1
    fi
    cat >"$SITE_DIR/registry.yml" <<END
version: 0.1
log: {accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $SITE_DIR/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port"}
END
    daemon registry /usr/bin/docker-registry serve "$SITE_DIR/registry.yml"
    wait_for registry 30 asked
    tell SITE_REGISTRY="127.0.0.1:$port"
fi
asked >/dev/null
say "ready: $(/usr/bin/docker-registry --version | sed 's/.* //')"
