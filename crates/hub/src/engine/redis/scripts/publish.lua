-- Drops a message as a duplicate, or gives it an id, stores it and emits it.
-- KEYS: state, history, then those of duplicates
-- ARGV: time, PUBLISH or SPUBLISH, topic, event, data, retention (-1: forever, 0: none),
--   epoch of a new channel, window of duplicates, most stored messages; times in milliseconds
-- Returns the id in two parts, and 1 if it is that of an earlier message.
local window, day = tonumber(ARGV[8]), 86400000
for i = 3, #KEYS do
  local first = redis.call('GET', KEYS[i])
  if first then
    local ms, number = first:match('(%d+)-(%d+)')
    if tonumber(ms) + window > now then return {ms, number, 1} end
  end
end

local state = redis.call('HMGET', KEYS[1], 'ms', 'number', 'offset', 'epoch', 'longest')
local ms, number = tonumber(state[1]) or 0, tonumber(state[2]) or 0
local offset, epoch = (tonumber(state[3]) or 0) + 1, state[4] or ARGV[7]
if now > ms then ms, number = now, 0 else number = number + 1 end
local id = ms .. '-' .. number

-- The longest retention of what is stored.
local longest, retention = tonumber(state[5]) or 0, tonumber(ARGV[6])
if retention ~= 0 then
  if longest ~= 0 and redis.call('EXISTS', KEYS[2]) == 0 then longest = 0 end
  local entry = {'e', ARGV[4], 'd', ARGV[5], 'o', offset}
  if retention > 0 then entry[7], entry[8] = 'u', now + retention end
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[9], id, unpack(entry))
  if retention < 0 or longest < 0 then
    longest = -1
    redis.call('PERSIST', KEYS[2])
  else
    longest = math.max(longest, retention)
    redis.call('PEXPIRE', KEYS[2], longest)
    if offset % 64 == 0 then redis.call('XTRIM', KEYS[2], 'MINID', '~', now - longest) end
  end
end

redis.call('HSET', KEYS[1], 'ms', ms, 'number', number, 'offset', offset, 'epoch', epoch, 'longest', longest)
if longest < 0 then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], longest + day) end
for i = 3, #KEYS do redis.call('SET', KEYS[i], id, 'PX', window) end
local head = epoch .. ' ' .. offset .. ' ' .. ms .. ' ' .. number .. ' ' .. #ARGV[4] .. ' '
redis.call(ARGV[2], ARGV[3], head .. ARGV[4] .. ARGV[5])
return {ms, number, 0}
