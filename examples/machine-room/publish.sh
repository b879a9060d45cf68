#!/bin/sh
# Publishes a machine room's readings every 5 seconds until stopped.
#
#   live-dashboard-hub serve --dashboards examples/machine-room
#   KEY=$(live-dashboard-hub keys --api-key) examples/machine-room/publish.sh
set -eu
# shellcheck source=examples/publish.sh
. "$(dirname "$0")/../publish.sh"

channel=${CHANNEL:-dashboard-machine-room}
hot=no
echo "publishing to $channel on $HUB; stop with Ctrl-C"
while true; do
  tick 5
  temperature=$(number 1 21 28.5 1)
  publish "$channel" stats-update "{\"temperature\":$temperature,\"power\":$(number 2 11 17.5 2),\"machinesUp\":$(number 3 40.6 42.4 0),\"diskFree\":$(number 4 2.1e12 6.4e12 0)}" "stats-$now"
  publish "$channel" chart-data "{\"timestamp\":$now,\"coldAisle\":$temperature,\"hotAisle\":$(number 5 28 36 1),\"in\":$(number 6 4e7 9e8 0),\"out\":$(number 7 2e7 3e8 0)}" "point-$now"
  # An alert that fires and resolves.
  if awk "BEGIN { exit !($temperature > 27) }"; then
    if [ $hot = no ]; then
      hot=yes
      publish "$channel" alert "{\"level\":\"error\",\"message\":\"Cold aisle at $temperature °C\",\"key\":\"cold-aisle\",\"status\":\"firing\"}" "firing-$now"
    fi
  elif [ $hot = yes ]; then
    hot=no
    publish "$channel" alert "{\"level\":\"info\",\"message\":\"Cold aisle back at $temperature °C\",\"key\":\"cold-aisle\",\"status\":\"resolved\"}" "resolved-$now"
  fi
done
