#!/bin/sh
# Tests the hub's container image: it has nothing but the static program, which starts as an
# ordinary user, becomes ready, accepts a message and stops when asked to.
# Usage, as root and with buildah: tests/package/image.sh DIRECTORY
# DIRECTORY is that of `cargo xtask package hub-static`, in target/package.
set -eu

directory=$(realpath "$1")
work=$(mktemp -d)
container=
hub=

build() {
    buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"
}

cleanup() {
    [ -z "$hub" ] || kill "$hub" 2>/dev/null || true
    [ -z "$container" ] || build rm "$container" >/dev/null || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

fail() {
    echo "failed: $*" >&2
    cat "$work/log" >&2
    exit 1
}

# Runs the hub in the container, with the network of this machine.
inside() {
    build run --isolation chroot \
        --env LIVE_DASHBOARD_LISTEN=127.0.0.1:8497 \
        --env LIVE_DASHBOARD_API_KEYS=0123456789012345678901234567890123456789 \
        "$container" -- /usr/bin/live-dashboard-hub "$@"
}

image=$(build build --quiet --isolation chroot --format docker "$directory")
container=$(build from "$image")
root=$(build mount "$container")
files=$(cd "$root" && find . -type f)
[ "$files" = ./usr/bin/live-dashboard-hub ] || fail "more than the hub: $files"

inside serve >"$work/log" 2>&1 &
hub=$!
tries=100
until inside health >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "not ready"
    sleep 0.2
done
process=$(pgrep --full "^/usr/bin/live-dashboard-hub serve$")
[ "$(stat --format %u "/proc/$process")" = 65532 ] || fail "it runs as another user"
inside publish --event alert --data '{"message":"from a container"}' >/dev/null || fail "publish"
kill -TERM "$process"
wait "$hub" || fail "it did not stop with 0"
hub=
echo "1 passed, 0 failed"
