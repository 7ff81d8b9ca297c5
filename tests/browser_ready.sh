#!/bin/sh
# Makes sure that there is a Chromium for tests/journeys: on PATH, else installed when root, else a clear word.
# Best is the one that draws no window: with it a journey takes three fifths of the processor time.
set -eu

LIGHT=chromium-headless-shell

found() {
    for name in "$LIGHT" chromium chromium-browser google-chrome; do
        if command -v "$name"; then return 0; fi
    done
    return 1
}

offers() { # what can be installed, asked anew; a server that cannot be reached is not waited for
    apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=5 </dev/null >/dev/null 2>&1 || true
}

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1" \
        </dev/null >/dev/null 2>&1
}

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! command -v "$LIGHT" >/dev/null; then
    echo "Installing Chromium for the journeys (once; about a minute) ..."
    if ! apt-cache show "$LIGHT" >/dev/null 2>&1 || ! install "$LIGHT"; then
        offers
        # Where the light one is not offered, the one that is there will do, or any.
        install "$LIGHT" || found >/dev/null || install chromium || true
    fi
fi

if name=$(found); then
    echo "Browser for the journeys: $name"
    exit 0
fi

echo "tests/journeys need Chromium, and there is none on PATH. Install it and run again:" >&2
echo "  Debian: sudo apt-get install chromium-headless-shell   Ubuntu: sudo apt-get install chromium" >&2
echo "  Fedora: sudo dnf install chromium                      macOS: brew install --cask chromium" >&2
echo "then make sure that it is on PATH" >&2
exit 1
