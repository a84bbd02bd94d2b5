#!/bin/sh
# Installs the Debian packages that tests need beyond Python wheels: GStreamer's RTSP server with its
# Python binding, so that capture is tested against a server that is not ours; a browser; and an MQTT broker.
# Safe to run again.
set -eu

packages="gir1.2-gst-rtsp-server-1.0 gir1.2-gstreamer-1.0 python3-gi
gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
chromium mosquitto"

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These packages are missing and this system has no apt-get:$missing" >&2
    exit 1
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Tests need packages that only root may install. Run: sudo apt-get install$missing" >&2
        exit 1
    fi
    as_root="sudo -n"
fi

install_missing() {
    # shellcheck disable=SC2086  # the list is meant to be split into words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
}

# Package lists may be absent or stale: refresh them only when the first try fails.
install_missing 2>/dev/null || { $as_root apt-get update -qq && install_missing; }
