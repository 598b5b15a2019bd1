# Writes -v lines=N canonical lines as JSON, one per request of an invented payments
# service: 26 fields, the same lines for the same N.
function pick(list, n) { return list[1 + int(rand() * n)] }
function hex() { return sprintf("%08x", rand() * 4294967295) }
# Few users make most requests: a product of two uniform numbers leans to the low end.
function few(n) { return int(n * rand() * rand()) }
BEGIN {
  srand(1)
  paths = split("/v1/charges /v1/charges/%s /v1/customers/%s /v1/messages /v1/messages/%s/reports /v1/refunds", path, " ")
  methods = split("GET GET GET POST POST DELETE", method, " ")
  services = split("api api api worker operator", service, " ")
  regions = split("eu-1 eu-2 us-1", region, " ")
  languages = split("go ruby python node java php", language, " ")
  start = 1773651600 # 2026-03-16T09:00:00Z: a day of its own, whatever day it is
  for (i = 1; i <= lines; i++) {
    t = start + i * 0.02 + rand() * 0.01 # fifty a second
    r = rand()
    status = r < 0.93 ? 200 : r < 0.96 ? 404 : r < 0.98 ? 429 : r < 0.99 ? 402 : 500 + int(rand() * 4)
    duration = exp(rand() * 5 - 5.5)
    route = pick(path, paths)
    sub(/%s/, hex(), route)
    printf "{\"_time\":\"%s.%06dZ\",\"_msg\":\"canonical-log-line\",\"service\":\"%s\",\"level\":\"%s\"", strftime("%Y-%m-%dT%H:%M:%S", t, 1), (t - int(t)) * 1000000, pick(service, services), status >= 500 ? "error" : "info"
    printf ",\"request_id\":\"req_%s%08x\",\"trace_id\":\"%s%s%s%s\"", hex(), i, hex(), hex(), hex(), hex()
    printf ",\"user_id\":\"usr_%d\",\"account_id\":\"acct_%05d\",\"http_method\":\"%s\",\"http_path\":\"%s\",\"http_status\":%d", few(20000), few(3000), pick(method, methods), route, status
    printf ",\"duration\":%.6f,\"database_queries\":%d,\"database_duration\":%.6f,\"cache_hit\":%s", duration, 1 + rand() * 30, duration * rand(), rand() < 0.8 ? "true" : "false"
    printf ",\"rate_allowed\":%s,\"rate_quota\":100,\"rate_remaining\":%d", status == 429 ? "false" : "true", status == 429 ? 0 : rand() * 100
    printf ",\"auth_type\":\"api_key\",\"key_id\":\"mk_%d\",\"language\":\"%s\",\"language_version\":\"1.%d.%d\",\"region\":\"%s\",\"host\":\"%s-%02d\",\"bytes_out\":%d,\"error\":%s}\n", few(9000), pick(language, languages), 20 + rand() * 6, rand() * 9, pick(region, regions), "node", rand() * 40, exp(rand() * 9), status >= 500 ? "\"connection reset by peer\"" : "null"
  }
}
