# What the examples' scripts share; not to be run by itself.
#
# HUB is the hub's address, KEY an API key of it (`live-dashboard-hub keys
# --api-key`). Each message is stored for an hour, so that a page that comes
# later is full at once.

HUB=${HUB:-http://127.0.0.1:8400}
: "${KEY:?set KEY to an API key: live-dashboard-hub keys --api-key}"

# publish CHANNEL EVENT DATA
publish() {
  curl --silent --show-error --fail-with-body --max-time 10 "$HUB/publish" \
    --header "Authorization: Bearer $KEY" \
    --data "{\"channel\":\"$1\",\"event\":\"$2\",\"store\":3600,\"data\":$3}" \
    > /dev/null || echo "not published, going on: $2" >&2
}

# number SEED LOW HIGH DECIMALS: a number that wanders between two others as
# time goes by, as a reading would; the same for everyone at the same moment.
number() {
  awk -v seed="$1" -v low="$2" -v high="$3" -v decimals="$4" -v now="$(date +%s)" '
    BEGIN {
      wave = sin(now / 37 + seed) * 0.5 + sin(now / 11 + seed * 3) * 0.3 + sin(now / 3 + seed * 7) * 0.2
      printf "%.*f", decimals, low + (high - low) * (wave + 1) / 2
    }'
}
