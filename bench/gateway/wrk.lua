-- Each thread is one visit: its connections carry its own cookie. Prints one line of JSON.
local cookies = {}
for line in io.lines(os.getenv("BENCH_COOKIES")) do cookies[#cookies + 1] = line end

-- The name is for TLS and the address is this machine's: nothing has to resolve *.localhost.
function wrk.resolve(host, service)
    wrk.addrs = wrk.lookup("127.0.0.1", service)
end

local next_thread = 0
function setup(thread)
    thread:set("cookie", cookies[next_thread % #cookies + 1])
    next_thread = next_thread + 1
end

function init(args)
    wrk.headers["Host"] = os.getenv("BENCH_HOST")
    wrk.headers["Cookie"] = cookie
    wrk.headers["Accept"] = "application/json"
    made = wrk.format("GET", "/status")
end

function request() return made end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"failed":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
