# shellcheck shell=bash
# The environment of this checkout, for bash and zsh:  source setup.sh
#
# Makes .venv from requirements.lock (again when the lock file changed, or an installation was interrupted), activates it,
# tells law where its files are, and indexes the tasks. Sourcing it again costs a fraction of a second and changes nothing.
# LAWNIX_PYTHON names the interpreter, if the first python3 that fits is not the one you want.

_lawnix_say() {
    printf 'setup.sh: %s\n' "$1" >&2
}

# what .venv has to be made of: the lock file, what the project declares, and the place, which scripts name
_lawnix_wanted() {
    { printf '%s\n' "$1"; cat "$1/requirements.lock" "$1/pyproject.toml"; } | cksum
}

_lawnix_python() {
    local candidate
    for candidate in "${LAWNIX_PYTHON:-}" python3 python3.11 python3.12 python3.13; do
        [ -n "$candidate" ] || continue
        # 3.14 and later have no wheels of the event generator that the lock file names
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    _lawnix_say "no Python 3.11, 3.12 or 3.13 with venv found (Debian: apt install python3-venv); name one with LAWNIX_PYTHON"
    return 1
}

# runs in a process of its own, so that it can stop anywhere
_lawnix_install() (
    top=$1 wanted=$2
    venv=$top/.venv
    stamp=$venv/lawnix.stamp
    mkdir -p "$venv" || exit 1
    if command -v flock >/dev/null 2>&1; then # two shells at once: the second waits and finds it done
        exec 9>"$venv/setup.lock" && flock 9 || exit 1
        [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0
    fi
    rm -f "$stamp"
    unset PYTHONHOME PYTHONPATH VIRTUAL_ENV CONDA_PREFIX
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" # many institutes have certificates of their own
    if ! "$venv/bin/python" -c 'import sys, pip; sys.exit(sys.prefix == sys.base_prefix)' >/dev/null 2>&1; then
        python=$(_lawnix_python) || exit 1
        _lawnix_say "making $venv with $python"
        find "$venv" -mindepth 1 -maxdepth 1 ! -name setup.lock -exec rm -rf {} + || exit 1
        "$python" -m venv "$venv" || exit 1
    fi
    _lawnix_say "installing what requirements.lock names (some 150 packages, a minute or two)"
    awk '/^uv==/ { p = 1; print; next } /^[^ ]/ { p = 0 } p' "$top/requirements.lock" >"$venv/uv.lock" || exit 1
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$venv/uv.lock" || exit 1
    "$venv/bin/uv" pip install --python "$venv/bin/python" --require-hashes -r "$top/requirements.lock" >&2 || exit 1
    "$venv/bin/uv" pip install --python "$venv/bin/python" --no-deps --no-build-isolation -e "$top" >&2 || exit 1
    printf '%s\n' "$wanted" >"$stamp" # last: whoever reads it finds everything installed
)

_lawnix_index() {
    local index=$LAW_HOME/index
    if [ -s "$index" ] && [ -z "$(find "$1/tasks" "$1/law.cfg" \( -name '*.py' -o -name law.cfg \) -newer "$index" 2>/dev/null)" ]; then
        return 0
    fi
    _lawnix_say "indexing the tasks"
    # written beside and moved, so that a broken import or an interruption leaves no half index behind
    if LAW_INDEX_FILE=$index.new law index --quiet >&2 && [ -s "$index.new" ]; then
        mv -f "$index.new" "$index"
        return
    fi
    rm -f "$index.new"
    _lawnix_say "the tasks could not be indexed: see the message above; the environment is active, mend the module and source again"
    return 1
}

_lawnix_setup() {
    local top wanted
    top=$(cd -P -- "$(dirname -- "$1")" >/dev/null && pwd) || return 1
    if [ ! -f "$top/requirements.lock" ]; then
        _lawnix_say "$top is not a checkout of lawnix: there is no requirements.lock"
        return 1
    fi
    wanted=$(_lawnix_wanted "$top")
    if [ ! -x "$top/.venv/bin/python" ] || [ "$(cat "$top/.venv/lawnix.stamp" 2>/dev/null)" != "$wanted" ]; then
        if ! _lawnix_install "$top" "$wanted"; then
            _lawnix_say "the installation into $top/.venv failed: see the message above, then source setup.sh again"
            return 1
        fi
        hash -r 2>/dev/null || true
    fi
    # an environment inherited from a parent shell is active already
    if [ "${VIRTUAL_ENV:-}" != "$top/.venv" ] || [ "$(command -v python)" != "$top/.venv/bin/python" ]; then
        # shellcheck disable=SC1091
        . "$top/.venv/bin/activate" || return 1
    fi
    export LAW_HOME="$top/.law"
    export LAW_CONFIG_FILE="$top/law.cfg"
    export PYTHONHASHSEED=0 # sets of strings are iterated in one order, here as in builds
    mkdir -p "$LAW_HOME" || return 1
    _lawnix_index "$top"
}

if [ -n "${BASH_VERSION:-}" ]; then
    _lawnix_setup "${BASH_SOURCE[0]}"
elif [ -n "${ZSH_VERSION:-}" ]; then
    eval '_lawnix_setup "${(%):-%x}"'
else
    _lawnix_say "this file is for bash and zsh"
    false
fi && _lawnix_status=0 || _lawnix_status=1

# nothing of this file stays defined; a failure is the status of `source`
unset -f _lawnix_say _lawnix_wanted _lawnix_python _lawnix_install _lawnix_index _lawnix_setup
if [ "$_lawnix_status" -eq 0 ]; then
    unset _lawnix_status
else
    unset _lawnix_status
    return 1
fi
