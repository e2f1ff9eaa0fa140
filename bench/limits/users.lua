-- For wrk: a thousand users take turns, so that keyed limiters see more than one key.
local requests = {}
local last = 0

init = function()
   for user = 1, 1000 do
      requests[user] = wrk.format("GET", "/", {["x-user"] = "user-" .. user})
   end
end

request = function()
   last = last % #requests + 1
   return requests[last]
end
