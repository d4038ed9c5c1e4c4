#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compile govuk.css again. For developers only: needs npm and the network once; a school needs neither.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm init -y >/dev/null && npm install --silent --ignore-scripts govuk-frontend@6.6.0 sass@1.108.2)
{
    printf '/* govuk-frontend 6.6.0, MIT licence, see govuk-frontend-licence.txt; compiled by styles/build.sh */\n'
    "$work/node_modules/.bin/sass" --load-path="$work/node_modules" --style=compressed \
        --no-source-map --quiet-deps "$here/govuk.scss"
} >"$here/../static/office/govuk.css"
