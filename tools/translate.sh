#!/bin/sh
# Brings web/translations up to date with what pages say: new texts come in without translation,
# old ones go. Then translate, and compile with tools/build_static.sh. A test fails until it is done.
set -eu
cd "$(dirname "$0")/.."
python=${CLEANCLAIM_PYTHON:-.venv/bin/python}
template=web/translations/messages.pot
"$python" -m babel.messages.frontend --quiet extract -F babel.cfg -k lazy_gettext --no-location \
  --no-wrap --sort-output --omit-header -o "$template" .
"$python" -m babel.messages.frontend --quiet update -i "$template" -d web/translations -l es \
  --no-wrap --no-fuzzy-matching --ignore-obsolete --omit-header
rm -f "$template"
