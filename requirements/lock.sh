#!/bin/sh
# Write the three locks: exact versions and hashes for every platform, and no server address.
# Arguments are handed to `uv pip compile` (for instance --upgrade).
set -eu
cd "$(dirname "$0")/.."

uv=$(command -v uv || echo .venv/bin/uv)

# A machine's own package sources are its own business and must not reach the locks.
unset PIP_FIND_LINKS PIP_INDEX_URL PIP_EXTRA_INDEX_URL UV_FIND_LINKS

compile() { # name, what to compile ...
    name=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header \
        --output-file "requirements/$name.txt" "$@"
    if grep -nE '://|^ *-' "requirements/$name.txt" | grep -vE ' --hash=sha256:[0-9a-f]+( \\)?$'; then
        echo "requirements/$name.txt: the line above is neither a version nor a hash" >&2
        exit 1
    fi
    echo "requirements/$name.txt: $(grep -cE '^[a-z0-9]' "requirements/$name.txt") packages"
}

compile dev "$@" pyproject.toml --group pyproject.toml:dev
# The smaller locks start from the versions of the large one, so that all three agree.
for name in runtime build; do
    [ -z "$*" ] || cp requirements/dev.txt "requirements/$name.txt"
done
compile runtime pyproject.toml
compile build --group pyproject.toml:build
