# The environment of this checkout, as `source setup.sh` has made it: `law run dimuon.Report --sandbox bash::sandboxes/analysis.sh`
#
# What is installed is said by requirements.lock, whose digest is a variable here: another lock file is another environment.

_here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || return 1
if [ ! -x "$_here/.venv/bin/python" ]; then
    echo "there is no $_here/.venv: source setup.sh first" >&2
    return 1
fi
_lock=$(sha256sum <"$_here/requirements.lock") || return 1
export ANALYSIS_LOCK=${_lock%% *}
export PATH=$_here/.venv/bin:$PATH
unset _here _lock
