# Writes -v lines=N canonical lines as JSON, one per request of an invented service: 24
# fields, as many users as a payments service has in a day (Zipf), 20 routes, an id in
# every third path, log-normal durations, all of it within one day. The same lines for
# the same N.
function pick(list, n) { return list[1 + int(rand() * n)] }
function hex(bytes,   s) {
  for (; bytes >= 4; bytes -= 4) s = s sprintf("%08x", rand() * 4294967296)
  for (; bytes > 0; bytes--) s = s sprintf("%02x", rand() * 256)
  return s
}
# zipf: the k-th of n comes with a chance of 1/k.
function zipf(n) { return int(exp(rand() * log(n))) }
function normal() { return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand()) }

# A user belongs to a team, and keeps a language and permissions.
function of_user(u, list, n, salt) { return list[1 + (u * salt) % 9973 % n] }

BEGIN {
  srand(1)
  nouns = split("charges refunds customers payouts disputes invoices transfers accounts balances events", noun, " ")
  prefixes = split("ch re cus po dp in tr acct bal evt", prefix, " ")
  hosts = 24
  split("api api checkout worker", service, " ")
  split("fra lon iad", dc, " ")
  methods = split("POST POST POST GET GET GET GET DELETE", method, " ")
  languages = split("go ruby python node java php dotnet", language, " ")
  teams = split("payments billing risk platform growth support data", team, " ")
  permissions = split("all charges:write charges:read admin none", permission, " ")
  start = 1742083200 # 2025-03-16T00:00:00Z
  step = 86400 / (lines + 1)
  for (i = 1; i <= lines; i++) {
    at = start + i * step
    u = (zipf(170000) * 7919) % 170003
    h = int(rand() * hosts)
    r = int(rand() * 20)
    k = 1 + int(r / 2)
    route = "/v1/" noun[k] (r % 2 ? "/:id" : "")
    path = "/v1/" noun[k]
    # Two thirds of the routes with an id are asked for the whole list of it.
    if (r % 2) path = path (rand() < 0.67 ? "/" prefix[k] "_" hex(7) : "/search")
    x = rand()
    status = x < 0.9 ? 200 : x < 0.93 ? 201 : x < 0.955 ? 404 : x < 0.97 ? 402 : x < 0.985 ? 429 : x < 0.992 ? 400 : x < 0.997 ? 500 : 503
    printf "{\"_time\":\"%s.%06dZ\",\"_msg\":\"canonical-log-line\",\"level\":\"%s\"", strftime("%Y-%m-%dT%H:%M:%S", at, 1), (at - int(at)) * 1000000, status >= 500 ? "error" : status >= 400 ? "warn" : "info"
    printf ",\"service\":\"%s\",\"dc\":\"%s\",\"host\":\"%s-%02d\"", service[1 + h % 4], dc[1 + h % 3], service[1 + h % 4], h
    printf ",\"request_id\":\"req_%s\",\"trace_id\":\"%s\",\"user_id\":\"usr_%d\",\"key_id\":\"mk_%d\",\"team\":\"%s\",\"language\":\"%s\",\"permissions_used\":\"%s\"", hex(8), hex(16), u, (u * 31) % 170003, of_user(u, team, teams, 17), of_user(u, language, languages, 5), of_user(u, permission, permissions, 13)
    printf ",\"auth_type\":\"api_key\",\"http_method\":\"%s\",\"http_route\":\"%s\",\"http_path\":\"%s\",\"http_status\":%d", pick(method, methods), route, path, status
    printf ",\"duration\":%.6f,\"database_queries\":%d,\"alloc_count\":%d", exp(-3.5 + 0.9 * normal()), 1 + zipf(60), 1000 + rand() * 20000
    printf ",\"rate_allowed\":%s,\"rate_quota\":%d,\"rate_remaining\":%d}\n", status == 429 ? "false" : "true", 100 * (1 + u % 5), status == 429 ? 0 : rand() * 100 * (1 + u % 5)
  }
}
