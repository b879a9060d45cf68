#!/bin/sh
# Tests the hub's Debian package under systemd, in a new Debian 12 root: install, publish,
# reload, watchdog, upgrade, remove, purge.
# Usage, as root and with debootstrap, systemd-container and a network:
# tests/package/hub.sh PACKAGE
set -eu

package=$(realpath "$1")
unit=live-dashboard-hub.service
config=/etc/live-dashboard/hub.toml
state=/var/lib/live-dashboard
work=$(mktemp -d)
root=$work/root
container=
init=

cleanup() {
    if [ -n "$container" ]; then
        kill -TERM "$container" || true
        wait "$container" || true
    fi
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

fail() {
    echo "failed: $*" >&2
    inside journalctl --no-pager --unit "$unit" >&2 || true
    exit 1
}

# Runs a command in the container.
inside() {
    nsenter --target "$init" --mount --uts --ipc --net --pid --root --wd /usr/bin/env \
        DEBIAN_FRONTEND=noninteractive LIVE_DASHBOARD_CONFIG="$config" "$@"
}

# Fails unless the command after the description succeeds within 20 s.
within() {
    what=$1
    shift
    tries=200
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "$what"
        sleep 0.1
    done
}

boot() {
    systemd-nspawn --quiet --directory "$root" --boot --private-network --register=no \
        --keep-unit --console=passive </dev/null >"$work/console" 2>&1 &
    container=$!
    within "no container: $(cat "$work/console")" pgrep --parent "$container"
    init=$(pgrep --parent "$container")
    within "systemd does not start" inside systemctl list-jobs
    inside systemctl is-system-running --wait || true
}

install() {
    cp "$1" "$root/root/hub.deb"
    inside apt-get install --quiet --yes --no-install-recommends /root/hub.deb
}

is_healthy() {
    inside systemctl is-active --quiet "$unit" && inside live-dashboard-hub health
}

property() {
    inside systemctl show --property "$1" --value "$unit"
}

# Whether the service runs as another process than `$1`.
is_restarted() {
    [ "$(property MainPID)" != "$1" ] && is_healthy
}

has_mode() {
    actual=$(inside stat --format '%a %U %G' "$1")
    [ "$actual" = "$2" ] || fail "$1 has $actual instead of $2"
}

api_key() {
    inside live-dashboard-hub keys --api-key
}

schedules() {
    inside curl --silent --show-error --fail --header "Authorization: Bearer $(api_key)" \
        http://127.0.0.1:8400/schedules
}

debootstrap --variant=minbase --include=ca-certificates,curl,systemd bookworm "$root"
boot

echo "== install"
install "$package"
within "the service does not start" is_healthy
inside systemctl is-enabled "$unit"
inside systemd-analyze verify "$unit"
inside systemd-analyze security --no-pager --threshold=20 "$unit" >"$work/security" ||
    fail "exposed: $(cat "$work/security")"
[ "$(property NotifyAccess) $(property User)" = "main live-dashboard" ] || fail "not the unit"
has_mode "$config" "640 root live-dashboard"
has_mode "$state" "750 live-dashboard live-dashboard"
has_mode "$state/keys.toml" "600 live-dashboard live-dashboard"
key=$(api_key)
inside live-dashboard-hub publish --event kept --at 2099-01-01T00:00:00
before=$(schedules)
case $before in
*2099-01-01T00:00:00*) ;;
*) fail "the message is not scheduled: $before" ;;
esac

echo "== reload"
hub=$(property MainPID)
cp "$root$config" "$work/hub.toml"
sed -i '1i allowed_origin = "no list"' "$root$config"
inside systemctl reload "$unit"
status_is() {
    property StatusText | grep --quiet "$1"
}
within "an invalid file is not reported" status_is "^keeping the previous configuration: "
cat "$work/hub.toml" >"$root$config"
inside systemctl reload "$unit"
within "the status stays" status_is '^$'
[ "$(property MainPID)" = "$hub" ] || fail "a reload restarts the hub"

echo "== watchdog"
drop_in=$root/etc/systemd/system/$unit.d
mkdir "$drop_in"
printf '[Service]\nWatchdogSec=1s\nRestartSec=0\nTimeoutAbortSec=1s\n' >"$drop_in/test.conf"
inside systemctl daemon-reload
inside systemctl restart "$unit"
within "no restart" is_healthy
hub=$(property MainPID)
inside systemctl kill --kill-whom=main --signal=STOP "$unit"
within "a hub that hangs is not restarted" is_restarted "$hub"
rm -r "$drop_in"
inside systemctl daemon-reload

echo "== upgrade"
echo "# of the administrator" >>"$root$config"
hub=$(property MainPID)
dpkg-deb --raw-extract "$package" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
dpkg-deb --build "$work/next" "$work/next.deb"
install "$work/next.deb"
inside dpkg-query --show --showformat '${Version}\n' live-dashboard-hub | grep '+next$' ||
    fail "not upgraded"
within "the upgrade does not restart the hub" is_restarted "$hub"
grep --quiet "^# of the administrator" "$root$config" || fail "the upgrade changed $config"
has_mode "$config" "640 root live-dashboard"
[ "$(api_key)" = "$key" ] || fail "the upgrade changed the keys"
after=$(schedules)
[ "$after" = "$before" ] || fail "the upgrade changed the data: $after instead of $before"

echo "== remove and purge"
inside apt-get remove --quiet --yes live-dashboard-hub
! inside systemctl is-active "$unit" || fail "removing does not stop the hub"
[ ! -e "$root/usr/bin/live-dashboard-hub" ] || fail "the program is not removed"
[ -s "$root$config" ] || fail "removing deletes $config"
[ -s "$root$state/keys.toml" ] || fail "removing deletes the data"
inside apt-get purge --quiet --yes live-dashboard-hub
[ ! -e "$root/etc/live-dashboard" ] || fail "purging leaves the configuration"
[ ! -e "$root$state" ] || fail "purging leaves the data"
echo "passed"
