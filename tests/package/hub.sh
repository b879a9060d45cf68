#!/bin/sh
# Tests the hub's Debian package in a new Debian 12 root: install, start as the service's
# user, publish, upgrade, remove, purge. No systemd runs in it, so the hub is started by
# the command of the unit.
# Usage, as root and with debootstrap: tests/package/hub.sh PACKAGE
set -eu

package=$(realpath "$1")
unit=live-dashboard-hub.service
config=/etc/live-dashboard/hub.toml
state=/var/lib/live-dashboard
port=18437
work=$(mktemp -d)
root=$work/root
hub=

cleanup() {
    [ -z "$hub" ] || kill -KILL "$hub" || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT

fail() {
    echo "failed: $*" >&2
    exit 1
}

in_root() {
    chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive "$@"
}

install() {
    cp "$1" "$root/tmp/hub.deb"
    in_root apt-get install --quiet --yes --no-install-recommends /tmp/hub.deb
}

# Fails unless a file has this mode, user and group.
has_mode() {
    actual=$(in_root stat --format '%a %U %G' "$1")
    [ "$actual" = "$2" ] || fail "$1 has $actual instead of $2"
}

start() {
    command=$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/$unit")
    # The command has arguments.
    # shellcheck disable=SC2086
    chroot --userspec=live-dashboard "$root" $command 2>"$work/log" &
    hub=$!
    until in_root live-dashboard-hub health --config "$config" 2>/dev/null; do
        kill -0 "$hub" 2>/dev/null || fail "the hub ended: $(cat "$work/log")"
        sleep 0.1
    done
}

stop() {
    kill -TERM "$hub"
    wait "$hub" || fail "the hub ended with status $?: $(cat "$work/log")"
    hub=
}

api_key() {
    in_root live-dashboard-hub keys --api-key --config "$config"
}

schedules() {
    curl --silent --show-error --fail --header "Authorization: Bearer $(api_key)" \
        "http://127.0.0.1:$port/schedules"
}

debootstrap --variant=minbase bookworm "$root"
install "$package"
# As the next start of the system does.
in_root systemd-tmpfiles --create live-dashboard-hub.conf
has_mode "$config" "640 root live-dashboard"
has_mode "$state" "750 live-dashboard live-dashboard"
in_root test -L "/etc/systemd/system/multi-user.target.wants/$unit" || fail "not enabled"
in_root systemd-analyze verify "/usr/lib/systemd/system/$unit"

sed -i "s/^#listen = .*/listen = \"127.0.0.1:$port\"/" "$root$config"
start
key=$(api_key)
in_root live-dashboard-hub publish --config "$config" --event kept --at 2099-01-01T00:00:00
before=$(schedules)
case $before in
*at\(2099-01-01T00:00:00\)*) ;;
*) fail "the message is not scheduled: $before" ;;
esac
stop

dpkg-deb --raw-extract "$package" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
dpkg-deb --build "$work/next" "$work/next.deb"
install "$work/next.deb"
in_root dpkg-query --show --showformat '${Version}\n' live-dashboard-hub | grep -q '+next$' ||
    fail "not upgraded"
grep -q "^listen = \"127.0.0.1:$port\"" "$root$config" || fail "the upgrade changed $config"
has_mode "$config" "640 root live-dashboard"
start
[ "$(api_key)" = "$key" ] || fail "the upgrade changed the keys"
after=$(schedules)
[ "$after" = "$before" ] || fail "the upgrade changed the data: $after instead of $before"
stop

in_root apt-get remove --quiet --yes live-dashboard-hub
in_root test ! -e /usr/bin/live-dashboard-hub || fail "the program is not removed"
in_root test -s "$config" || fail "removing deleted $config"
in_root test -s "$state/keys.toml" || fail "removing deleted the data"
in_root apt-get purge --quiet --yes live-dashboard-hub
in_root test ! -e /etc/live-dashboard || fail "purging left the configuration"
in_root test ! -e "$state" || fail "purging left the data"
echo "passed"
