#!/usr/bin/env bash
# Chromium and its driver for the browser tests. Where they are missing, root on Debian or Ubuntu installs them;
# elsewhere the tests skip, and this says what to install. FRAUD_NO_BROWSER=1 installs nothing.
set -u
has() { command -v "$1" >/dev/null 2>&1; }
if has chromium && has chromedriver; then exit 0; fi
if [ -n "${FRAUD_NO_BROWSER:-}" ]; then echo "browser tests: skipped, FRAUD_NO_BROWSER is set"; exit 0; fi
if ! has apt-get; then echo "browser tests: skipped; install Chromium and ChromeDriver to run them"; exit 0; fi
if [ "$(id -u)" != 0 ]; then echo "browser tests: skipped; as root: apt-get install chromium chromium-driver"; exit 0; fi
echo "browser tests: installing the Debian packages chromium and chromium-driver (FRAUD_NO_BROWSER=1 prevents it)"
if apt-get update -qq >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver >/dev/null 2>&1; then
  echo "browser tests: $(chromium --version 2>/dev/null)"
else
  echo "browser tests: Chromium could not be installed; they will be skipped"
fi
