#!/usr/bin/env bash
# An ordinary user, for tests that are run as root and as an ordinary user.
# shellcheck source=site/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

name=lawnix-site
if ! getent passwd "$name" >/dev/null; then
    # with subordinate ids, which images that are built by ordinary users need; without a password
    useradd --create-home --home-dir "$SITE_DIR/home" --shell /bin/bash -K UID_MIN=58000 -K UID_MAX=58999 \
        -K GID_MIN=58000 -K GID_MAX=58999 --user-group "$name"
    say "ready: $(id "$name")"
fi
home=$(getent passwd "$name" | cut -d : -f 6)
[ -d "$home" ] || install -d -o "$name" -g "$name" "$home" # removed with $SITE_DIR, which the user outlives
tell SITE_USER="$name"
