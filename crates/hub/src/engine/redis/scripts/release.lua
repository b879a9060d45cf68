-- Gives up the leases of a node. KEYS: leases; ARGV: node
for _, lease in ipairs(KEYS) do
  if redis.call('GET', lease) == ARGV[1] then redis.call('DEL', lease) end
end
