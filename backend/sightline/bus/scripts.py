"""What happens inside the Redis server in one step, in Lua (5.1, as Redis 7 and Valkey run it).

Each script names its KEYS and ARGV. None trusts what it finds: a key of another type, a group that is gone, a stream
out of which somebody else deleted.
"""

ALSO_WHEN_FULL = "#!lua flags=allow-oom\n"
"""Begins a script (Redis 7, Valkey) that takes next to nothing, and without which a server that is full is not drained:
who has no lease reads nothing, and poison would stay where it is in the way."""

_GROUPS = """
local function groups_of(stream)
  local reply = redis.pcall('XINFO', 'GROUPS', stream)
  local groups = {}
  if reply.err then return groups end
  for i, flat in ipairs(reply) do
    local group = {}
    for at = 1, #flat, 2 do group[flat[at]] = flat[at + 1] end
    groups[i] = group
  end
  return groups
end

-- messages that are there and the group has not read. The server's lag counts trimmed ones too until the next read,
-- and is unknown where somebody deleted unread messages: then what is left and not given out
local function unread_of(stream, group)
  local length = redis.call('XLEN', stream)
  return math.min(length, group['lag'] or math.max(0, length - group['pending']))
end
"""

_FORGET = """
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq), seq
end

local function earlier(one, other)
  local ms, seq = parts(one)
  local other_ms, other_seq = parts(other)
  if ms ~= other_ms then return ms < other_ms and one or other end
  return seq < other_seq and one or other
end

local function later(one, other)
  if earlier(one, other) == one then return other end
  return one
end

-- the first message that the group still needs
local function needed_by(stream, group)
  if group['pending'] > 0 then return redis.call('XPENDING', stream, group['name'])[2] end
  local last = group['last-delivered-id']
  local ms, seq, text = parts(last)
  if #text > 15 then return last end
  return string.format('%.0f-%.0f', ms, seq + 1)
end

-- delete what every group is done with; and what ours is done with, once it is older than horizon
local function forget(stream, own, horizon)
  local floor, mine
  for _, group in ipairs(groups_of(stream)) do
    local need = needed_by(stream, group)
    if group['name'] == own then mine = need end
    floor = floor and earlier(floor, need) or need
  end
  if not floor then return end
  if mine then floor = later(floor, earlier(mine, horizon)) end
  redis.call('XTRIM', stream, 'MINID', floor)
end
"""

PUBLISH = (
    _GROUPS
    + """
-- KEYS stream, its count of dropped messages, the lease where there is a fence
-- ARGV limit, seconds an untouched stream lives, token or '', number of messages; of each: number of fields, fields
if ARGV[3] ~= '' then
  local held = redis.call('GET', KEYS[3])
  if not held or string.match(held, '^[^:]*') ~= ARGV[3] then
    return redis.error_reply('LEASELOST another holds the lease')
  end
end
local limit, ids, at = tonumber(ARGV[1]), {}, 5
for i = 1, tonumber(ARGV[4]) do
  local length = 2 * tonumber(ARGV[at])
  ids[i] = redis.call('XADD', KEYS[1], '*', unpack(ARGV, at + 1, at + length))
  at = at + 1 + length
end
local length = redis.call('XLEN', KEYS[1])
if length > limit then
  local groups = groups_of(KEYS[1])
  local unread = #groups == 0 and length or 0
  for _, group in ipairs(groups) do unread = math.max(unread, unread_of(KEYS[1], group)) end
  redis.call('XTRIM', KEYS[1], 'MAXLEN', limit)
  if unread > limit then redis.call('INCRBY', KEYS[2], unread - limit) end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return ids
"""
)

READ = """
-- KEYS streams; ARGV group, consumer, count, seconds an untouched stream lives, per stream where a new group begins
-- -> messages as {number of the stream, id, fields}, numbers of streams that cannot be read, the last error
local found, bad, problem = {}, {}, false
local left, live = tonumber(ARGV[3]), {}
local function next_of(at, most)
  return redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', most, 'STREAMS', KEYS[at], '>')
end
local function taken(at, most)
  local reply = next_of(at, most)
  if reply and reply.err and string.find(reply.err, 'NOGROUP', 1, true) then
    local made = redis.pcall('XGROUP', 'CREATE', KEYS[at], ARGV[1], ARGV[4 + at], 'MKSTREAM')
    if made.err then return made end
    redis.call('EXPIRE', KEYS[at], ARGV[4])
    reply = next_of(at, most)
  end
  return reply
end
for at = 1, #KEYS do live[at] = at end
while left > 0 and #live > 0 do
  local most, going = math.max(1, math.floor(left / #live)), {}
  for _, at in ipairs(live) do
    if left <= 0 then break end
    local reply = taken(at, math.min(most, left))
    if reply and reply.err then
      bad[#bad + 1], problem = at, reply.err
    elseif reply then
      local entries = reply[1][2]
      for _, entry in ipairs(entries) do found[#found + 1] = {at, entry[1], entry[2]} end
      left = left - #entries
      if #entries == most then going[#going + 1] = at end
    end
  end
  live = going
end
return {found, bad, problem}
"""

CLAIM = """
-- KEYS per stream: stream, its poison, its count of dropped messages
-- ARGV group, consumer, idle milliseconds, count, oldest id that poison keeps, milliseconds until a silent member is
-- forgotten -> messages as {number of the stream, id, fields, times delivered}
local found, left = {}, tonumber(ARGV[4])
local function tries(stream, id)
  local reply = redis.call('XPENDING', stream, ARGV[1], id, id, 1)
  return reply[1] and reply[1][4] or 1
end
local function forget_silent(stream)
  local members = redis.pcall('XINFO', 'CONSUMERS', stream, ARGV[1])
  if members.err then return end
  for _, flat in ipairs(members) do
    local member = {}
    for at = 1, #flat, 2 do member[flat[at]] = flat[at + 1] end
    if member['pending'] == 0 and member['idle'] > tonumber(ARGV[6]) then
      redis.call('XGROUP', 'DELCONSUMER', stream, ARGV[1], member['name'])
    end
  end
end
for number = 1, #KEYS / 3 do
  local stream, poison, dropped = KEYS[3 * number - 2], KEYS[3 * number - 1], KEYS[3 * number]
  local cursor, gone = '0-0', 0
  while left > 0 and cursor do
    local reply = redis.pcall('XAUTOCLAIM', stream, ARGV[1], ARGV[2], ARGV[3], cursor, 'COUNT', left)
    if reply.err then break end
    for _, entry in ipairs(reply[2]) do
      found[#found + 1] = {number, entry[1], entry[2], tries(stream, entry[1])}
    end
    left, gone = left - #reply[2], gone + #reply[3]
    cursor = reply[1] ~= '0-0' and reply[1]
  end
  if gone > 0 then redis.pcall('INCRBY', dropped, gone) end  -- pcall: no memory to count is no reason to lose these
  redis.pcall('XTRIM', poison, 'MINID', ARGV[5])
  forget_silent(stream)
end
return found
"""

HOLD = """
-- KEYS stream; ARGV group, consumer, ids -> how many are still ours
local held = 0
for at = 3, #ARGV do
  local reply = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[at], ARGV[at], 1)
  if not reply.err and reply[1] and reply[1][2] == ARGV[2] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at], 'JUSTID')
    held = held + 1
  end
end
return held
"""

ACKNOWLEDGE = (
    _GROUPS
    + _FORGET
    + """
-- KEYS stream; ARGV group, horizon, ids
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local done = redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 3))
forget(KEYS[1], ARGV[1], ARGV[2])
return done
"""
)

SET_ASIDE = (
    ALSO_WHEN_FULL
    + _GROUPS
    + _FORGET
    + """
-- KEYS stream, its poison; ARGV group, horizon, id, limit, oldest id that is kept, seconds, fields
-- -> whether it was ours
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if pending.err or #pending == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 7))
redis.call('XTRIM', KEYS[2], 'MAXLEN', ARGV[4])
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[6])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
forget(KEYS[1], ARGV[1], ARGV[2])
return 1
"""
)

WAITING = (
    _GROUPS
    + """
-- KEYS stream; ARGV group -> messages that the group has not read; all where there is no such group yet
for _, group in ipairs(groups_of(KEYS[1])) do
  if group['name'] == ARGV[1] then return unread_of(KEYS[1], group) end
end
local length = redis.pcall('XLEN', KEYS[1])
return type(length) == 'number' and length or 0
"""
)

REPLAY = """
-- KEYS poison, stream; ARGV id, seconds an untouched stream lives, fields -> the new id; nothing where it is gone
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return false end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return id
"""
