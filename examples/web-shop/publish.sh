#!/bin/sh
# Publishes a web shop's numbers every 2 seconds until stopped.
#
#   live-dashboard-hub serve --dashboards examples/web-shop
#   KEY=$(live-dashboard-hub keys --api-key) examples/web-shop/publish.sh
set -eu
# shellcheck source=examples/publish.sh
. "$(dirname "$0")/../publish.sh"

channel=${CHANNEL:-dashboard-web-shop}
slow=no
echo "publishing to $channel on $HUB; stop with Ctrl-C"
while true; do
  tick 2
  response=$(number 4 60 320 0)
  orders=$(number 1 18 64 0)
  publish "$channel" stats-update "{\"ordersPerMin\":$orders,\"conversion\":$(number 2 0.018 0.041 4),\"checkoutErrors\":$(number 3 0 0.024 4),\"responseTime\":$response}" "stats-$now"
  publish "$channel" chart-data "{\"timestamp\":$now,\"orders\":$orders,\"cancelled\":$(number 5 0 6 0),\"p50\":$response,\"p95\":$(number 6 180 640 0)}" "point-$now"
  # An alert that fires and resolves.
  if [ "$response" -gt 250 ] && [ $slow = no ]; then
    slow=yes
    publish "$channel" alert "{\"level\":\"warning\",\"message\":\"Pages take $response ms\",\"key\":\"slow-pages\",\"status\":\"firing\"}" "firing-$now"
  elif [ "$response" -le 250 ] && [ $slow = yes ]; then
    slow=no
    publish "$channel" alert "{\"level\":\"info\",\"message\":\"Pages are fast again: $response ms\",\"key\":\"slow-pages\",\"status\":\"resolved\"}" "resolved-$now"
  fi
done
