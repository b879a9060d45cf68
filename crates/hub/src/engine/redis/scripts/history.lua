-- Reads stored messages.
-- KEYS: history
-- ARGV: time, first and last id, 1 if newest first, event or '', most messages, most bytes,
--   bytes of each message beside its event and data, 1 if the first may be longer, most
--   entries to look at
-- Returns the messages (id, event, data), and where to go on if it has looked at too many.
local first, last, command = ARGV[2], ARGV[3], 'XRANGE'
if ARGV[4] == '1' then first, last, command = last, first, 'XREVRANGE' end
local event, most, bytes, more = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local left, page, found = tonumber(ARGV[10]), 100, {}
while true do
  local entries = redis.call(command, KEYS[1], first, last, 'COUNT', page)
  for _, entry in ipairs(entries) do
    local id, fields = entry[1], entry[2]
    local expires = tonumber(fields[8])
    if (event == '' or fields[2] == event) and not (expires and expires <= now) then
      bytes = bytes - more - #fields[2] - #fields[4]
      if bytes < 0 and (#found > 0 or ARGV[9] ~= '1') then return {found, ''} end
      found[#found + 1] = {id, fields[2], fields[4]}
      if #found == most then return {found, ''} end
    end
    first = '(' .. id
  end
  if #entries < page then return {found, ''} end
  left = left - page
  if left <= 0 then return {found, first} end
end
