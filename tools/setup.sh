#!/bin/sh
# Makes .venv ready: newest Python from 3.11 on, a pinned uv, the locked requirements, the project,
# and the static files that pages need.
# Idempotent: a second run with nothing changed does nothing. Called by `make setup`.
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
stamp=.venv/.setup-stamp
wanted=$(cat requirements-dev.txt pyproject.toml tools/setup.sh | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x .venv/bin/cleanclaim ]; then
  exec sh tools/build_static.sh
fi

python=""
for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Cleanclaim needs Python 3.11 or newer; none was found. On Debian: apt-get install python3" >&2
  exit 1
fi
if [ ! -x .venv/bin/python ]; then
  echo "setup: making .venv with $("$python" --version)"
  if ! "$python" -m venv .venv; then
    echo "Could not make .venv: this Python lacks venv. On Debian: apt-get install python3-venv" >&2
    exit 1
  fi
fi
if ! .venv/bin/uv --version 2>/dev/null | grep -q "^uv $UV_VERSION"; then
  echo "setup: installing uv $UV_VERSION"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
fi
echo "setup: installing the locked requirements"
VIRTUAL_ENV=.venv .venv/bin/uv pip install --quiet --require-hashes -r requirements-dev.txt
VIRTUAL_ENV=.venv .venv/bin/uv pip install --quiet --no-deps --editable .
echo "$wanted" > "$stamp"
sh tools/build_static.sh
echo "setup: done; the command is .venv/bin/cleanclaim"
