#!/usr/bin/env bash
# Chromium and its driver for the browser tests, where this machine lets us; the tests skip with the reason otherwise.
set -u
if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null; then echo "browser tests: no apt-get here; install Chromium and ChromeDriver to run them"; exit 0; fi
if [ "$(id -u)" != 0 ]; then echo "browser tests: not root; 'apt-get install chromium chromium-driver' to run them"; exit 0; fi
if apt-get update -qq >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver >/dev/null 2>&1; then
  echo "browser tests: installed $(chromium --version 2>/dev/null)"
else
  echo "browser tests: Chromium could not be installed; they will be skipped"
fi
