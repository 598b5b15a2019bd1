# The answers that the server must give, computed without its code, as lines of JSON:
# gawk -v question=patterns|paths|statuses|bytes. Run it with LC_ALL=C: bytes count.

function text(s) { # as JSON
  gsub(/\\/, "\\\\", s)
  gsub(/"/, "\\\"", s)
  gsub(/\t/, "\\t", s)
  return "\"" s "\""
}

# pattern: a token is a run of letters and digits, bytes beyond ASCII being letters.
# One of six or more digits of hex, in one case, with a letter and a digit, is <hex>;
# else each run of digits is <n>. A UUID in one case, with a letter and a digit, is <uuid>.
function pattern(rest,   out, token) {
  while (match(rest, /[0-9A-Za-z\200-\377]+/)) {
    out = out substr(rest, 1, RSTART - 1)
    rest = substr(rest, RSTART)
    token = substr(rest, 1, RLENGTH)
    if (match(rest, /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12})/) \
        && substr(rest, 1, 36) ~ /[0-9]/ && substr(rest, 1, 36) ~ /[A-Fa-f]/ && substr(rest, 37, 1) !~ /[0-9A-Za-z\200-\377]/) {
      out = out "<uuid>"
      rest = substr(rest, 37)
      continue
    }
    rest = substr(rest, length(token) + 1)
    if (token ~ /^([0-9a-f]{6,}|[0-9A-F]{6,})$/ && token ~ /[0-9]/ && token ~ /[A-Fa-f]/) token = "<hex>"
    else gsub(/[0-9]+/, "<n>", token)
    out = out token
  }
  return out rest
}

# hour: [17/May/2015:10:05:03 +0200] → 2015-05-17T08:00:00Z
function hour(stamp,   p, month, at) {
  split(stamp, p, /[\/: ]/)
  month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", p[2]) + 2) / 3
  at = mktime(p[3] " " month " " p[1] " " p[4] " " p[5] " " p[6], 1)
  at -= (substr(p[7], 1, 1) "1") * (substr(p[7], 2, 2) * 60 + substr(p[7], 4, 2)) * 60
  return strftime("%Y-%m-%dT%H:00:00Z", at, 1)
}

# access takes a line of an access log apart.
function access(   rest, request, words, after) {
  client = $1
  match($0, /\[[^]]*\]/)
  at = hour(substr($0, RSTART + 1, RLENGTH - 2))
  rest = substr($0, RSTART + RLENGTH + 1)
  match(rest, /"([^"\\]|\\.)*"/)
  request = substr(rest, RSTART + 1, RLENGTH - 2)
  split(substr(rest, RSTART + RLENGTH + 1), after, " ")
  status = after[1]
  bytes = after[2]
  split(request, words, " ")
  path = words[2]
}

{ sub(/\r$/, "") }
/^[ \t]*$/ { next }
question == "patterns" { count[pattern($0)]++; next }
{ access() }
question == "paths" { count[path]++ }
question == "statuses" { count[at, status]++ }
question == "bytes" && bytes != "-" { count[client] += bytes }
question == "bytes" { count[client] += 0 }

END {
  for (key in count) {
    n = sprintf("%d", count[key])
    if (question == "patterns") printf "{\"pattern\":%s,\"count\":%s}\n", text(key), n
    if (question == "paths") printf "{\"http_path\":%s,\"count\":%s}\n", text(key), n
    if (question == "statuses") { split(key, p, SUBSEP); printf "{\"_time\":\"%s\",\"http_status\":%s,\"count\":%s}\n", p[1], p[2], n }
    if (question == "bytes" && n > 0) printf "{\"client_ip\":%s,\"bytes\":%s}\n", text(key), n
  }
}
