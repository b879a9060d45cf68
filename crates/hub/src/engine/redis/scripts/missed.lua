-- Reads what a node has not got of a channel.
-- KEYS: state, history
-- ARGV: epoch, offset and id that the node is at, most messages
-- Returns epoch, offset and id in two parts that the channel is at, and the stored messages
-- after the node's offset (id, event, data) if they are not too many; nothing if the node
-- has everything.
local state = redis.call('HMGET', KEYS[1], 'epoch', 'offset', 'ms', 'number')
if not state[1] or (state[1] == ARGV[1] and state[2] == ARGV[2]) then return {} end
local found = {}
if state[1] == ARGV[1] or ARGV[1] == '' then
  local missed = tonumber(state[2]) - tonumber(ARGV[2])
  if missed > 0 and missed <= tonumber(ARGV[4]) then
    for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[3], '+', 'COUNT', missed)) do
      found[#found + 1] = {entry[1], entry[2][2], entry[2][4]}
    end
  end
end
return {state[1], state[2], state[3], state[4], found}
