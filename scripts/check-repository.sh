#!/bin/sh
# House rules that no linter knows: lock files without addresses, no oversized files, no secrets' files.
set -eu
cd "$(dirname "$0")/.."
status=0
complain() {
    echo "check: $1" >&2
    status=1
}
if git grep -nIE '"resolved": *"|--(extra-)?index-url|--find-links|://' -- '*.lock'; then
    complain "a lock file carries a download address; run 'make lock'"
fi
# npm's lock file names where packages ask for donations; that is no address to download from.
if git grep -nIE '"resolved":|"version": *"[a-z+]+:|registry' -- '*lock.json'; then
    complain "a lock file carries a download address; see frontend/.npmrc"
fi
large=$(git ls-files -z | xargs -0 -r stat -c '%s %n' 2>/dev/null | awk '$1 > 1048576 { print $2 }')
[ -z "$large" ] || complain "files over 1 MiB do not belong here: $large"
env_files=$(git ls-files '.env' '*.pem' '*.key')
[ -z "$env_files" ] || complain "files with secrets are tracked: $env_files"
exit $status
