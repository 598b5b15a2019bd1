# Writes log files as systems write them, from templates of our own, into -v dir=DIR:
# a web server's access log, and 2,000 lines from each of seven invented systems. They
# have what makes reading logs hard: both kinds of line ends, blank lines, stack traces,
# letters beyond ASCII, quotes and backslashes, hex in both cases, a line without its
# closing quote. The same files every time.
function pick(list, n) { return list[1 + int(rand() * n)] }
function digits(least, most) { return int(least + rand() * (most - least)) }
function hex(n, upper,   s) {
  while (length(s) < n) s = s sprintf(upper ? "%X" : "%x", rand() * 16)
  return s
}
# Few make most of it: a product of two uniform numbers leans to the low end.
function few(n) { return int(n * rand() * rand()) }
function user() { return pick(names, names_n) digits(1, 40) }

# fill puts something into each hole of a template.
function fill(text,   out, hole) {
  while (match(text, /\{[a-zA-Z]+\}/)) {
    hole = substr(text, RSTART + 1, RLENGTH - 2)
    out = out substr(text, 1, RSTART - 1) value(hole)
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}
function value(hole) {
  switch (hole) {
  case "n": return digits(0, 10 ^ digits(1, 7))
  case "pid": return digits(300, 32768)
  case "ip": return "10." few(4) "." few(200) "." digits(1, 255)
  case "mac": return toupper(hex(2) ":" hex(2) ":" hex(2) ":" hex(2) ":" hex(2) ":" hex(2))
  case "hex": return hex(digits(4, 17))
  case "HEX": return hex(digits(4, 17), 1)
  case "uuid": return hex(8) "-" hex(4) "-4" hex(3) "-" hex(4) "-" hex(12)
  case "mixed": return hex(4) hex(4, 1) digits(10, 99)
  case "user": return user()
  case "node": return sprintf("node-%02d", few(30))
  case "block": return "blk_" (rand() < 0.5 ? "-" : "") digits(1e9, 9e9) digits(1e8, 9e8)
  case "ratio": return sprintf("%.3f", rand())
  case "city": return pick(cities, cities_n)
  }
  print "no hole is called " hole > "/dev/stderr"
  exit 1
}

# file writes 2,000 lines of the templates t[1…n], each after a stamp. The first
# templates come most often.
function file(name, layout, eol, stray,   path, i, at, line) {
  path = dir "/loghub/" name "_2k.log"
  at = 1742115600 # 2025-03-16T09:00:00Z
  for (i = 1; i <= 2000; i++) {
    at += few(20)
    line = fill(t[1 + few(n)])
    # Some lines of a trace have no stamp; some loggers leave blank lines.
    if (line !~ /^\t/) line = strftime(layout, at, 1) line
    printf "%s%s", line, i == 2000 && stray ? "" : eol > path
    if (stray && rand() < 0.02) printf "%s%s", rand() < 0.5 ? "" : " \t ", eol > path
  }
  close(path)
  delete t
  n = 0
}
function add(text) { t[++n] = text }

function access(lines,   path, i, at, request, status, bytes, line) {
  path = dir "/apache_combined.log"
  at = 1742115600
  for (i = 1; i <= lines; i++) {
    at += few(60)
    request = pick(methods, methods_n) " " fill(pick(routes, routes_n)) " HTTP/1." digits(0, 2)
    status = pick(statuses, statuses_n)
    bytes = status == 304 ? "-" : digits(0, 10 ^ digits(2, 7))
    line = sprintf("%s - %s [%s] \"%s\" %d %s \"%s\" \"%s\"", value("ip"), rand() < 0.1 ? user() : "-",
      strftime("%d/%b/%Y:%H:%M:%S +0000", at, 1), request, status, bytes, rand() < 0.5 ? "-" : "https://www.example.org/from/" few(50), fill(pick(agents, agents_n)))
    if (i == int(lines * 0.9)) sub(/"$/, "", line) # as when a client sends a broken name
    print line > path
  }
  close(path)
}

BEGIN {
  srand(7)
  names_n = split("anna bert chloé dora émile frank gül hans", names, " ")
  cities_n = split("Zürich Paris København Łódź 東京 Lima", cities, " ")
  methods_n = split("GET GET GET GET POST HEAD", methods, " ")
  routes_n = split("/ /index.html /style.css /blog/{n} /blog/tags/{user} /img/{hex}.png /search?q=a%20b&page={n} /caf\303\251/{n} /download/{uuid}.tar.gz", routes, " ")
  statuses_n = split("200 200 200 200 200 304 301 404 403 500", statuses, " ")
  agents_n = split("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/{n}.0|curl/7.{n}|Mozilla/5.0 (compatible; bot/{n}; +https://bot.example.org/\\\"about\\\")", agents, "|")
  system("mkdir -p '" dir "/loghub'")
  access(10000)

  add("{node} kernel: [{n}.{n}] eth0: link is down, {n} packets lost")
  add("{node} kernel: [{n}.{n}] eth0: link is up, 1000 Mbps, MAC {mac}")
  add("{node} sshd[{pid}]: Failed password for invalid user {user} from {ip} port {n} ssh2")
  add("{node} sshd[{pid}]: Accepted publickey for {user} from {ip} port {n} ssh2: RSA SHA256:{hex}")
  add("{node} kernel: BUG: unable to handle page fault at {HEX}, rip 0x{hex}")
  add("{node} CRON[{pid}]: ({user}) CMD (run-parts /etc/cron.hourly)")
  file("Linux", "%b %e %H:%M:%S ", "\n")

  add("{pid} {pid} D PowerManager: acquire lock={n}, tag=\"View Lock {hex}\", ws=null, uid={n}")
  add("{pid} {pid} I ActivityManager: Start proc {n}:org.example.app{n}/u0a{n} for service")
  add("{pid} {pid} W Window: token=Token{{hex} ActivityRecord{{hex} u0 t{n}}}")
  add("{pid} {pid} E Wi-Fi: scan of SD{n} failed, {n} networks, best {mac} at -{n} dBm")
  file("Phone", "%m-%d %H:%M:%S.123  ", "\r\n")

  add("INFO dfs.DataNode$PacketResponder: Received block {block} of size {n} from /{ip}")
  add("INFO dfs.FSNamesystem: BLOCK* addStoredBlock: {ip}:{n} is added to {block} size {n}")
  add("ERROR [task-{uuid}] org.example.Worker: Task failed after {n} ms")
  add("\tat org.example.Worker.run(Worker.java:{n})")
  add("\tat org.example.Net$Channel{n}.read(Net.java:{n})")
  add("WARN replica {uuid} on {node} lags {ratio} s behind, epoch {HEX}")
  file("Cluster", "%Y-%m-%d %H:%M:%S,042 ", "\r\n")

  add("login of {user} in {city} ok, session {hex}é{hex}")
  add("login of {user} in {city} failed: „wrong password“, {n} tries")
  add("café{n} says {mixed} ☕ {n}×{n}, ßharp{n} naïve{HEX}")
  file("Letters", "%Y-%m-%dT%H:%M:%SZ ", "\n")

  add("Error 0x{HEX} in C:\\Windows\\System32\\drv{n}.sys: \"access denied\" for 'user\\{user}'")
  add("Loaded servicing stack v6.1.{n}.{n} with core C:\\winsxs\\amd64_{hex}_none_{hex}\\cbs.dll")
  add("key = \"a, b; c\"\t{n}\t<tag attr=\"{hex}\">&amp;</tag>")
  add("CSI {HEX} @0x{hex} {n} objects, {n}%\\n literally")
  file("Windows", "%Y-%m-%d %H:%M:%S, Info  ", "\r\n")

  add("{n} {node} RAS KERNEL INFO generating core.{n}")
  add("{n} {node} RAS APP FATAL ciod: failed to read message prefix on control stream (CioStream socket to {ip}:{n}")
  add("{n} {node} RAS KERNEL INFO {n} double-hummer alignment exceptions")
  add("=FORMULA({n})+@{user} -{n}")
  file("Super", "- %s %Y.%m.%d ", "\n", 1)

  add("nova-compute[{pid}]: [instance: {uuid}] VM Started (Lifecycle Event)")
  add("nova-compute[{pid}]: [req-{uuid} {hex} - - -] Terminating instance, took {ratio} seconds")
  add("GET /v2/{hex}/servers/detail HTTP/1.1\" status: 200 len: {n} time: {ratio}")
  add("a")
  file("Cloud", "%Y-%m-%d %H:%M:%S.042 ", "\n", 1)
}
