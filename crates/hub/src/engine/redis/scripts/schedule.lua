-- Keeps a message to be published later.
-- KEYS: due, messages; ARGV: schedule, when in milliseconds, message, PUBLISH or SPUBLISH, topic
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call(ARGV[4], ARGV[5], '')
