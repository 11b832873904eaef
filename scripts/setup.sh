#!/bin/sh
# Builds .venv from the locked requirements: `make setup` calls it with the interpreters to try, in order.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)

# Two set-ups of one checkout take turns; where there is no flock, they are on their own.
exec 9< Makefile
flock 9 2> /dev/null || true

if ! [ -x .venv/bin/python ] || [ "$(cat .venv/.stamp 2> /dev/null)" != "$here" ]; then
    rm -rf .venv
    python='' bare=''
    for candidate in "$@"; do
        "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue
        if "$candidate" -c 'import ensurepip' 2> /dev/null; then
            python=$candidate
            break
        elif [ -z "$bare" ] && "$candidate" -m pip --version > /dev/null 2>&1; then
            bare=$candidate
        fi
    done

    echo "setting up .venv: once, for a minute at most" >&2
    if [ -n "$python" ]; then
        "$python" -m venv .venv
        pip='.venv/bin/python -m pip'
    elif [ -n "$bare" ]; then  # Debian without python3-venv, but with python3-pip
        "$bare" -m venv --without-pip .venv
        pip="$bare -m pip --python .venv/bin/python"
    else
        echo "needed: Python 3.11 or newer with venv and pip (Debian, Ubuntu: apt install python3-venv)" >&2
        exit 1
    fi
    $pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt
fi

rm -f .venv/.stamp
export UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV="$here/.venv"
uv=.venv/bin/uv
$uv pip sync --quiet --compile-bytecode --require-hashes requirements-uv.txt requirements.lock
$uv pip install --quiet --no-deps --no-build-isolation --editable .
# Where PYTHONDONTWRITEBYTECODE is set, as in many images, every command would compile itself anew.
.venv/bin/python -m compileall -q engine
printf '%s' "$here" > .venv/.stamp
