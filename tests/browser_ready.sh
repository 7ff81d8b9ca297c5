#!/bin/sh
# Makes sure that there is a Chromium for tests/journeys: on PATH, else installed when root, else a clear word.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        echo "Browser for the journeys: $(command -v "$name")"
        exit 0
    fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the journeys (once; about a minute) ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -qq -y --no-install-recommends chromium </dev/null >/dev/null
    echo "Browser for the journeys: $(command -v chromium)"
    exit 0
fi

echo "tests/journeys need Chromium, and there is none on PATH. Install it and run again:" >&2
echo "  Debian, Ubuntu: sudo apt-get install chromium      Fedora: sudo dnf install chromium" >&2
echo "  macOS: brew install --cask chromium                then make sure 'chromium' is on PATH" >&2
exit 1
