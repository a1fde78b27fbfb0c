#!/bin/sh
# Lists the changes between two points of the history, oldest first: short hash, date, subject.
# usage: list-changes.sh FROM [TO]
set -eu

if [ $# -lt 1 ]; then
  echo "usage: list-changes.sh FROM [TO]" >&2
  exit 2
fi
from=$1
to=${2:-HEAD}

for point in "$from" "$to"; do
  if ! git rev-parse --quiet --verify "$point^{commit}" >/dev/null; then
    echo "list-changes: '$point' is no tag, branch or commit here" >&2
    exit 1
  fi
done

# --first-parent keeps one line for each merged branch, and every commit where branches are squashed.
git log --first-parent --reverse --date=short --format='%h %ad %s' "$from..$to"
