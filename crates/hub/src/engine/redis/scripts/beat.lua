-- Renews a node's lease, and forgets the nodes whose lease has ended.
-- KEYS: nodes, digests; ARGV: time, node, length of a lease in milliseconds
-- Returns the nodes that are left.
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], dead)
  redis.call('HDEL', KEYS[2], dead)
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], 10 * ARGV[3])
redis.call('PEXPIRE', KEYS[2], 10 * ARGV[3])
return redis.call('ZRANGE', KEYS[1], 0, -1)
