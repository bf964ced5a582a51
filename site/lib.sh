# shellcheck shell=bash
# What the services share: where things lie, packages, daemons, and what a test run is told. Sourced by up, down and services/*.sh.
#
# Everything that is no Debian package lies below $SITE_DIR. Images, programs and settings stay there; what runs is noted in
# $SITE_DIR/run, what it says in $SITE_DIR/log, and what a test run has to know in $SITE_DIR/env.sh.
set -euo pipefail
shopt -s inherit_errexit # also in $(...)

export SITE_DIR=${SITE_DIR:-/var/lib/lawnix-site} DEBIAN_FRONTEND=noninteractive
apt=(nice -n 10 apt-get -qq -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io -o DPkg::Lock::Timeout=300
    -o APT::Install-Recommends=false -o APT::Sandbox::User=root)

if [ "$(id -u)" != 0 ]; then
    echo "$0: brings up services of the machine, which only root may: sudo $0 $*" >&2
    exit 1
fi
mkdir -p "$SITE_DIR"/{bin,env,images,log,run}
chmod 755 "$SITE_DIR" "$SITE_DIR"/{bin,env,images,log,run}
if [ -z "${SITE_LOCKED:-}" ]; then # two at once: the second waits and finds it done
    exec 9>"$SITE_DIR/lock" && flock 9
    export SITE_LOCKED=1
fi

say() {
    printf '%-11s %s\n' "$(basename "$0" .sh)" "$*"
}

# ------------------------------------------------------------------------------------ packages

# need PACKAGE...: install those that are not there, and start nothing
need() {
    local missing=() package
    for package; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e "$policy" ]; then # asked by packages that would start their service
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
        ours=$policy
    fi
    local status=0
    # package lists that are missing, or older than the mirror, are read anew, once; what other sources say does not matter
    "${apt[@]}" install -y "${missing[@]}" >"$SITE_DIR/log/apt.log" 2>&1 ||
        { "${apt[@]}" update || true; "${apt[@]}" install -y "${missing[@]}"; } >>"$SITE_DIR/log/apt.log" 2>&1 || status=$?
    [ -z "$ours" ] || rm -f "$ours"
    [ "$status" = 0 ] || tail -n 20 "$SITE_DIR/log/apt.log" >&2
    return "$status"
}

# the mirror of Debian that this machine uses already
mirror() {
    local asked=(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages')
    local found
    found=$("${asked[@]}" | awk '$1 == "Debian" && !seen++ { print $2 }')
    if [ -z "$found" ]; then
        "${apt[@]}" update >"$SITE_DIR/log/apt.log" 2>&1 || true
        found=$("${asked[@]}" | awk '$1 == "Debian" && !seen++ { print $2 }')
    fi
    if [ -z "$found" ]; then
        say "apt knows no mirror of Debian (apt-get indextargets)" >&2
        return 1
    fi
    echo "$found"
}

# fetch SUITE PACKAGE...: the .deb files of PACKAGE... and all that they depend on, from another suite of Debian, in a directory
# whose path is printed. The machine's own apt and dpkg see nothing of it; the caller removes the directory.
fetch() {
    local suite=$1 place options uri
    shift
    uri=$(mirror)
    place=$(mktemp -d "$SITE_DIR/fetch.XXXXXX")
    mkdir -p "$place"/{lists/partial,archives/partial}
    : >"$place/status" # of an empty machine, so that everything has to be had
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" >"$place/sources.list"
    options=(-o "Dir::Etc::sourcelist=$place/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$place/lists"
        -o "Dir::State::status=$place/status" -o "Dir::Cache=$place" -o Acquire::Languages=none)
    if ! { "${apt[@]}" "${options[@]}" update && "${apt[@]}" "${options[@]}" install -y --download-only "$@"; } \
        >"$SITE_DIR/log/fetch.log" 2>&1; then
        tail -n 20 "$SITE_DIR/log/fetch.log" >&2
        rm -rf "$place"
        return 1
    fi
    echo "$place"
}

# ------------------------------------------------------------------------------------ daemons

# when process $1 started, which tells it from a later one of the same number; nothing if it has ended
started_at() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }' # a zombie only waits for its parent to look
}

# daemon NAME COMMAND...: start it apart from this shell; its number is noted, what it says goes to a log
daemon() {
    local name=$1
    shift
    setsid "$@" >"$SITE_DIR/log/$name.log" 2>&1 </dev/null 9>&- &
    echo "$! $(started_at $!)" >"$SITE_DIR/run/$name.pid"
    echo "$name" >>"${SITE_STARTED:-/dev/null}" # for who wants to end just what was started now
}

# the number of the process that daemon NAME noted, if it is still that process
running() {
    local pid since
    read -r pid since 2>/dev/null <"$SITE_DIR/run/$1.pid" || return 1
    [ "$(started_at "$pid")" = "$since" ] && echo "$pid"
}

# wait_for NAME SECONDS COMMAND...: ask daemon NAME until it answers
wait_for() {
    local name=$1 end=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$end" ] || ! running "$name" >/dev/null; then
            say "$name does not answer; the end of $SITE_DIR/log/$name.log:" >&2
            tail -n 20 "$SITE_DIR/log/$name.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

# ------------------------------------------------------------------------------------ what a test run is told

# tell NAME=VALUE...: all that a test run has to know of this service
tell() {
    local pair file
    file=$SITE_DIR/env/$(basename "$0" .sh)
    for pair in "SITE_DIR=$SITE_DIR" "$@"; do
        printf 'export %s=%q\n' "${pair%%=*}" "${pair#*=}"
    done >"$file"
    # shellcheck disable=SC2016
    printf 'case :$PATH: in *:%q:*) ;; *) export PATH=%q:$PATH ;; esac\n' "$SITE_DIR/bin" "$SITE_DIR/bin" >>"$file"
    sort -u "$SITE_DIR"/env/* >"$SITE_DIR/env.sh.new"
    mv "$SITE_DIR/env.sh.new" "$SITE_DIR/env.sh" # at once, for who reads it now
}
