# shellcheck shell=sh
# Shared by the example scripts; do not run it directly.
#
# HUB is the hub's address, KEY one of its API keys (`live-dashboard-hub keys
# --api-key`). Each message is stored for an hour, so that pages opened later
# show it too.

# Print numbers with a decimal point in every locale.
export LC_ALL=C
HUB=${HUB:-http://127.0.0.1:8400}
: "${KEY:?set KEY to an API key: live-dashboard-hub keys --api-key}"

# publish CHANNEL EVENT DATA ID: the hub drops a second message with the same ID
# within five minutes, so that two machines can run this script redundantly.
publish() {
  answer=$(curl --silent --show-error --fail-with-body --max-time 10 "$HUB/publish" \
    --header "Authorization: Bearer $KEY" \
    --data "{\"channel\":\"$1\",\"event\":\"$2\",\"store\":3600,\"deduplicationId\":\"$4\",\"data\":$3}") \
    || echo "cannot publish $2, continuing: $answer" >&2
}

# tick SECONDS: waits for the next multiple of SECONDS and sets $now to it, in
# seconds since 1970. Concurrent runs publish for the same moments.
tick() {
  sleep $(($1 - $(date +%s) % $1))
  now=$(date +%s)
  now=$((now - now % $1))
}

# number SEED LOW HIGH DECIMALS: a number between LOW and HIGH that varies with
# $now like a measurement; the same in every run.
number() {
  awk -v seed="$1" -v low="$2" -v high="$3" -v decimals="$4" -v now="$now" '
    BEGIN {
      wave = sin(now / 37 + seed) * 0.5 + sin(now / 11 + seed * 3) * 0.3 + sin(now / 3 + seed * 7) * 0.2
      printf "%.*f", decimals, low + (high - low) * (wave + 1) / 2
    }'
}
