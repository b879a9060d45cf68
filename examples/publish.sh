# shellcheck shell=sh
# What the examples' scripts share; not to be run by itself.
#
# HUB is the hub's address, KEY an API key of it (`live-dashboard-hub keys
# --api-key`). Each message is stored for an hour, so that a page that comes
# later is full at once.

# A decimal point is a point.
export LC_ALL=C
HUB=${HUB:-http://127.0.0.1:8400}
: "${KEY:?set KEY to an API key: live-dashboard-hub keys --api-key}"

# publish CHANNEL EVENT DATA ID: with the same ID within five minutes it is the
# same message, so that this may run on two machines, in case one fails.
publish() {
  answer=$(curl --silent --show-error --fail-with-body --max-time 10 "$HUB/publish" \
    --header "Authorization: Bearer $KEY" \
    --data "{\"channel\":\"$1\",\"event\":\"$2\",\"store\":3600,\"deduplicationId\":\"$4\",\"data\":$3}") \
    || echo "not published, going on: $2 $answer" >&2
}

# tick SECONDS: waits for the next full so many, and sets $now to it, in seconds
# since 1970. Two that run at once publish for the same moments.
tick() {
  sleep $(($1 - $(date +%s) % $1))
  now=$(date +%s)
  now=$((now - now % $1))
}

# number SEED LOW HIGH DECIMALS: a number that wanders between two others as
# $now goes by, as a reading would; the same for everyone.
number() {
  awk -v seed="$1" -v low="$2" -v high="$3" -v decimals="$4" -v now="$now" '
    BEGIN {
      wave = sin(now / 37 + seed) * 0.5 + sin(now / 11 + seed * 3) * 0.3 + sin(now / 3 + seed * 7) * 0.2
      printf "%.*f", decimals, low + (high - low) * (wave + 1) / 2
    }'
}
