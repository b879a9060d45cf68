#!/bin/sh
# Publishes a web shop's numbers every 2 seconds until it is stopped.
#
#   KEY=$(live-dashboard-hub keys --api-key) examples/web-shop/publish.sh
set -eu
. "$(dirname "$0")/../publish.sh"

channel=${CHANNEL:-dashboard-web-shop}
slow=no
echo "publishing to $channel on $HUB; Ctrl-C ends it"
while true; do
  response=$(number 4 60 320 0)
  orders=$(number 1 18 64 0)
  publish "$channel" stats-update "{\"ordersPerMin\":$orders,\"conversion\":$(number 2 0.018 0.041 4),\"checkoutErrors\":$(number 3 0 0.024 4),\"responseTime\":$response}"
  publish "$channel" chart-data "{\"timestamp\":$(date +%s),\"orders\":$orders,\"cancelled\":$(number 5 0 6 0),\"p50\":$response,\"p95\":$(number 6 180 640 0)}"
  # One alert that fires, and resolves.
  if [ "$response" -gt 250 ] && [ $slow = no ]; then
    slow=yes
    publish "$channel" alert "{\"level\":\"warning\",\"message\":\"Pages take $response ms\",\"key\":\"slow-pages\",\"status\":\"firing\"}"
  elif [ "$response" -le 250 ] && [ $slow = yes ]; then
    slow=no
    publish "$channel" alert "{\"level\":\"info\",\"message\":\"Pages are fast again: $response ms\",\"key\":\"slow-pages\",\"status\":\"resolved\"}"
  fi
  sleep 2
done
