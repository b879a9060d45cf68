-- Deletes a schedule.
-- KEYS: due, messages, claims; ARGV: time, schedule, 1 if the caller has published it
-- Returns 1 if there was one, 0 if there was none, -1 if a node is publishing it.
local claimed = redis.call('ZSCORE', KEYS[3], ARGV[2])
if claimed and tonumber(claimed) > now and ARGV[3] ~= '1' then return -1 end
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[1], ARGV[2])
return redis.call('HDEL', KEYS[2], ARGV[2])
