#!/usr/bin/env bash
# bubblewrap of Debian bookworm: a program, nothing keeps running.
# shellcheck source=site/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

need bubblewrap
bwrap --unshare-all --ro-bind / / true
tell SITE_BWRAP=/usr/bin/bwrap
say "ready: $(bwrap --version)"
