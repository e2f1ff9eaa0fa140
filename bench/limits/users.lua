-- For wrk: sixteen users take turns, so that keyed limiters see more than one key, and each of them
-- often enough for its tokens to be leased.
local requests = {}
local last = 0

init = function()
   for user = 1, 16 do
      requests[user] = wrk.format("GET", "/", {["x-user"] = "user-" .. user})
   end
end

request = function()
   last = last % #requests + 1
   return requests[last]
end
