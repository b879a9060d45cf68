-- Gives schedules back that could not be published.
-- KEYS: due, claims; ARGV: schedule and when it was due in milliseconds, and so on
for i = 1, #ARGV, 2 do
  if redis.call('ZREM', KEYS[2], ARGV[i]) == 1 then redis.call('ZADD', KEYS[1], 'XX', ARGV[i + 1], ARGV[i]) end
end
