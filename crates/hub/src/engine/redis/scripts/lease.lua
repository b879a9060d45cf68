-- Takes or keeps a lease for a node.
-- KEYS: lease; ARGV: node, length in milliseconds
-- Returns 1 if the node has it.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
