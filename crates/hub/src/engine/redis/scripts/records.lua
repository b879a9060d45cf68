-- Changes records of a collection, if the node has its lease.
-- KEYS: lease, records; ARGV: node, then for each record its name, whether it is set, its value
-- Returns 1 if the node has the lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #ARGV, 3 do
  if ARGV[i + 1] == '1' then redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
  else redis.call('HDEL', KEYS[2], ARGV[i]) end
end
return 1
