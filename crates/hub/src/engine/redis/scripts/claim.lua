-- Takes schedules that are due, so that other nodes leave them alone for a time.
-- KEYS: due, messages, claims; ARGV: time, most, time in milliseconds
-- Returns the schedules with their messages, and when the next one is due.
local taken = {}
for _, schedule in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local message = redis.call('HGET', KEYS[2], schedule)
  if message then
    redis.call('ZADD', KEYS[1], now + ARGV[3], schedule)
    redis.call('ZADD', KEYS[3], now + ARGV[3], schedule)
    taken[#taken + 1] = {schedule, message}
  else
    redis.call('ZREM', KEYS[1], schedule)
  end
end
local following = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return {taken, following[2] or false}
