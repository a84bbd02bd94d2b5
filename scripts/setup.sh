#!/bin/sh
# Makes .venv and installs a lock file into it: hashes checked, nothing resolved anew.
# usage: PYTHON=python3 sh scripts/setup.sh requirements.lock
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
lock=backend/$1

fail() {
    echo "setup: $1" >&2
    echo "what to do: $2" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo -n "$@"; else return 1; fi
}

command -v "$python" >/dev/null 2>&1 ||
    fail "no $python on this machine" "install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old" "name a Python 3.11 or newer: make setup PYTHON=python3.12"

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    if ! "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        # Debian and Ubuntu ship venv apart from Python.
        package=$("$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')
        echo "setup: this Python has no venv; installing $package"
        command -v apt-get >/dev/null 2>&1 && { as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null; } ||
            fail "this Python cannot make virtual environments" "install the package $package, then run make setup again"
    fi
    echo "setup: making the virtual environment"
    "$python" -m venv .venv
fi

echo "setup: installing the packages of $1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r "$lock" ||
    fail "the packages could not be installed" "check that this machine reaches a package index (pip config list shows which one), then run make setup again"
