// A server that answers as Plumbline's API does, over made-up lines and a sliver of the language:
// words, "phrases", field=value, NOT, and the pipes the tests of the page ask.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.md': 'text/plain; charset=utf-8' };
export const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const second = 1000;

/** Lines that try to be more than text. */
export const hostile = [
  '<img src=x onerror="window.broken=1"><script>window.broken=1</script>',
  'colour \u001b[31mred\u001b[0m, bell \u0007, back \u0008, reversed \u202Etxt.exe',
  'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\n    main()\nValueError: no',
];

/** corpus makes n lines ending at `end`, the same for the same arguments. */
export function corpus(n, end, spanMs) {
  let state = 42;
  const random = () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const rows = [];
  for (let i = 0; i < n; i++) {
    const late = i / n;
    const at = end - Math.floor(spanMs * (1 - late) * (1 - 0.012 * Math.sin(late * 40) / (1.02 - late))) - Math.floor(random() * 300); // a wave, as real load has
    const time = `${new Date(at).toISOString().slice(0, -1)}${String(Math.floor(random() * 1e6)).padStart(6, '0')}Z`;
    const row = { _time: time, _seq: i + 1, _dataset: 'app' };
    const request = `req_${(state ^ 0x5bd1e995).toString(16).replace('-', 'f').padStart(8, '0')}`;
    if (i % 401 === 400) Object.assign(row, { _msg: hostile[Math.floor(i / 401) % 3], service: 'import', level: 'error', 'odd name': 'a"b*c' });
    else if (i % 3 === 0) {
      const failing = late > 0.8 && random() < 0.35;
      Object.assign(row, { _msg: 'canonical-log-line', service: 'api', http_method: pick(['GET', 'POST', 'POST', 'DELETE']), http_path: pick(['/v1/charges', '/v1/charges', '/v1/messages', '/v1/balance', '/v1/refunds']),
        http_status: failing ? 503 : pick([200, 200, 200, 200, 201, 402, 404, 429]), duration: Number((0.004 + random() ** 4 * (failing ? 3 : 0.4)).toFixed(4)),
        user_id: `usr_${Math.floor(random() ** 2 * 40)}`, rate_allowed: random() > 0.06, request_id: request, big_id: '@9007199254740993@', tags: ['eu', 'blue'] });
    } else if (i % 29 === 1) Object.assign(row, { _msg: 'Upstream timed out, retrying', service: 'operator-gate', level: 'warning', upstream: 'sms-eu-2', attempt: 2, request_id: request });
    else if (i % 97 === 2) Object.assign(row, { _msg: 'connection reset by peer', service: 'worker', level: 'error', peer: '10.2.4.17:5432', request_id: request });
    else Object.assign(row, { _msg: pick(['Request started', 'Request finished', 'Message queued', 'Delivery report received', 'Cache refreshed']), service: pick(['api', 'worker', 'operator-gate']), level: pick(['info', 'info', 'info', 'debug']), request_id: request });
    rows.push(row);
  }
  return rows.sort((a, b) => (a._time < b._time ? 1 : -1));
}

export const write = (value) => JSON.stringify(value).replace(/"@(\d+)@"/g, '$1');
const ms = (row) => Date.parse(row._time);

class Wrong extends Error {
  constructor(message, line, column, hint) {
    super(message);
    Object.assign(this, { line, column, hint });
  }
}

/** matcher reads the search part. */
function matcher(search) {
  const tests = [];
  for (const m of search.matchAll(/(NOT\s+)?(?:('[^']*'|[\w.]+)(==|!=|>=|=)("(?:\\.|[^"])*"|[^\s)]+)|"([^"]*)"|([^\s()]+))/gi)) {
    const [, not, field, op, value, phrase, word] = m;
    const test = field ? compare(field.replace(/'/g, ''), op, unquote(value)) : (row) => phrase === undefined && word === '*' || (row._msg ?? '').toLowerCase().includes((phrase ?? word).toLowerCase());
    if (!/^(earliest|latest)$/.test(field ?? '')) tests.push(not ? (row) => !test(row) : test);
  }
  return (row) => tests.every((t) => t(row));
}

const unquote = (v) => (v.startsWith('"') ? v.slice(1, -1).replace(/\\(.)/g, '$1') : v);

function compare(field, op, want) {
  const pattern = new RegExp(`^${want.split('*').map((s) => s.replace(/[.+?^${}()|[\]\\"]/g, '\\$&')).join('.*')}$`, 'i');
  return (row) => {
    const v = row[field];
    if (v === undefined) return false;
    if (op === '>=') return Number(v) >= Number(want);
    const same = pattern.test(String(v).replace(/@/g, '')) || String(v) === want;
    return op === '!=' ? !same : same;
  };
}

const aggregates = { count: (v) => v.length, dc: (v) => new Set(v).size, avg: (v) => v.reduce((a, b) => a + b, 0) / v.length, min: (v) => Math.min(...v), max: (v) => Math.max(...v), sum: (v) => v.reduce((a, b) => a + b, 0) };

function aggregate(name, rows) {
  if (name === 'count') return rows.length;
  const [, fn, field] = /^(\w+)\((\w+)\)$/.exec(name) ?? [];
  const values = rows.map((r) => r[field]).filter((v) => v !== undefined);
  if (!values.length) return null;
  const share = /^p(\d+)$/.exec(fn ?? '')?.[1];
  if (share) return values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor((values.length * Number(share)) / 100))];
  return aggregates[fn]?.(values) ?? null;
}

export class Mock {
  constructor({ rows = 9000, end = Date.now(), spanMs = 3 * 3600 * second, token = '' } = {}) {
    this.rows = rows ? corpus(rows, end, spanMs) : [];
    this.token = token;
    this.asked = [];
    this.components = []; // parts of the server, as /readyz has them
    this.tails = new Set();
    this.fixed = end; // "now", so that pictures stay the same
  }

  async listen(port = 0) {
    this.server = createServer((req, res) => this.#serve(req, res));
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  close() {
    for (const res of this.tails) res.end();
    this.server.closeAllConnections();
    this.server.close();
  }

  /** add stores a line and sends it to every tail. */
  add(row) {
    const full = { _time: new Date().toISOString().replace('Z', '000000Z'), _seq: (this.rows[0]?._seq ?? 0) + 1, _dataset: 'app', ...row };
    this.rows.unshift(full);
    for (const res of this.tails) res.write(`: beat\n\nevent: row\ndata: ${write(full)}\n\n`);
  }

  #serve(req, res) {
    const url = new URL(req.url, 'http://localhost');
    res.setHeader('Content-Security-Policy', policy);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (url.pathname === '/readyz') {
      res.statusCode = this.components.every((c) => c.ready) ? 200 : 503;
      return this.#send(res, { components: this.components });
    }
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, res);
    const name = url.pathname.replace('/api/v1/', '');
    const p = Object.fromEntries(url.searchParams);
    this.asked.push({ name, ...p });
    if (this.token && req.headers.authorization !== `Bearer ${this.token}`) return this.#fail(res, 401, { code: 'denied', message: 'a token is needed' });
    const answer = { query: 'query', histogram: 'histogram', fields: 'fields', values: 'values', context: 'context', datasets: 'datasets', language: 'language', deploys: 'deploys', 'deploys/effect': 'effect' }[name];
    if (name === 'tail') return this.#tail(res);
    if (!answer) return this.#fail(res, 404, { code: 'not_found', message: `no ${name} here` });
    try {
      this[answer](p, res);
    } catch (err) {
      if (!(err instanceof Wrong)) throw err;
      this.#fail(res, 400, { code: 'invalid', message: err.message, line: err.line, column: err.column, hint: err.hint });
    }
  }

  #file(path, res) {
    const file = join(dist, normalize(path === '/' ? '/index.html' : path));
    if (!file.startsWith(dist) || !existsSync(file)) {
      res.writeHead(404).end();
      return;
    }
    res.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(res);
  }

  #fail(res, status, error) {
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }));
  }

  #send(res, body) {
    res.setHeader('Content-Type', 'application/json');
    res.end(write(body));
  }

  #tail(res) {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    res.write(': hello\n\n');
    this.tails.add(res);
    res.on('close', () => this.tails.delete(res));
  }

  #range(p) {
    const now = Math.max(this.fixed, this.rows[0] ? ms(this.rows[0]) + 1 : 0);
    const read = (t, fallback) => {
      const m = /^-(\d+)([smhd])$/.exec(t ?? '');
      if (m) return now - Number(m[1]) * { s: 1, m: 60, h: 3600, d: 86400 }[m[2]] * second;
      return t ? Date.parse(t) : fallback;
    };
    const first = this.rows.length ? ms(this.rows.at(-1)) : now;
    return [read(p.from, first), read(p.to, now)];
  }

  #found(p) {
    const search = (p.q ?? '*').split('|')[0];
    const [from, to] = this.#range(p);
    const fits = matcher(search);
    const exact = (t, edge) => (/\.\d{9}Z$/.test(t ?? '') ? (row) => (edge === 'to' ? row._time < t : row._time >= t) : () => true);
    const below = exact(p.to, 'to');
    return { from, to, rows: this.rows.filter((r) => ms(r) >= from && ms(r) <= to && below(r) && fits(r)) };
  }

  /** deploys: two that went out together half an hour ago, and one whose name is hostile. */
  deploys(p, res) {
    const [from] = this.#range(p);
    const at = (minutes) => `@${(this.fixed - minutes * 60_000) * 1e6}@`;
    const all = [{ at: at(50), service: 'worker', release: hostile[0] }, { at: at(30), service: 'api', release: '1.4.1' }, { at: at(30), service: 'api', release: '1.4.2', by: 'Ann', link: 'javascript:alert(1)' }];
    this.#send(res, { deploys: all.filter((d) => Number(d.at.slice(1, -1)) / 1e6 >= from) });
  }

  effect(p, res) {
    const ns = (ms) => `@${ms * 1e6}@`;
    const at = this.fixed - 30 * 60_000;
    this.#send(res, {
      deploy: { at: ns(at), service: p.service, release: p.release, by: 'Ann', link: 'javascript:alert(1)' }, before: { from: ns(at - 1800_000), to: ns(at) }, after: { from: ns(at), to: ns(at + 1800_000) }, notes: [],
      services: [{ service: p.service, before: { requests: 4000, errors: 2, p95: 0.02 }, after: { requests: 3000, errors: 90, p95: 0.31 } }, { service: 'operator-gate', before: { requests: 400, errors: 0, p95: 1.5 }, after: { requests: 300, errors: 1, p95: 1.4 } }],
      patterns: [{ service: p.service, pattern: 'no such column: x<n>', example: 'no such column: x7', before: 0, after: 12 }, { service: '', pattern: hostile[0], example: hostile[0], before: 3, after: 40 }],
    });
  }

  query(p, res) {
    const { from, to, rows } = this.#found(p);
    const pipes = (p.q ?? '').split('|').slice(1).map((s) => s.trim());
    let kind = 'lines';
    let out = rows;
    let extra = {};
    for (const pipe of pipes) [out, kind, extra] = this.#pipe(pipe, p.q, out, kind, extra, from, to);
    const cut = out.slice(0, Number(p.limit ?? out.length));
    const meta = { kind, fields: order(cut), from: new Date(from).toISOString(), to: new Date(to).toISOString(), rows: cut.length, partial: false, truncated: cut.length < out.length, approximate: false, notes: [],
      read: { groups: 3, groups_total: 812, columns: 4, bytes: 1234567, rows: rows.length }, elapsed_ms: 12.3, ...extra };
    if (!cut.length && this.rows.length) meta.extent = { from: this.rows.at(-1)._time, to: this.rows[0]._time, rows: this.rows.length };
    if (p.format === 'json' || !p.format) return this.#send(res, { rows: cut, meta });
    res.setHeader('Content-Disposition', `attachment; filename="lines.${p.format}"`);
    res.end(cut.map((r) => (p.format === 'csv' ? Object.values(r).join(',') : write(r))).join('\n'));
  }

  #pipe(pipe, q, rows, kind, extra, from, to) {
    const [name, ...args] = pipe.split(/\s+/);
    const by = args.indexOf('by');
    const calls = (by < 0 ? args : args.slice(0, by)).filter((a) => !a.includes('='));
    if (name === 'head') return [rows.slice(0, Number(args[0] ?? 10)), kind, extra];
    if (name === 'sort') {
      const field = args[0].replace('-', '');
      return [[...rows].sort((a, b) => (args[0].startsWith('-') ? b[field] - a[field] : a[field] - b[field])), kind, extra];
    }
    if (name === 'stats') return [group(rows, calls, by < 0 ? [] : args.slice(by + 1)), 'table', extra];
    if (name === 'timechart') return this.#timechart(rows, calls, by < 0 ? '' : args[by + 1], from, to);
    if (name === 'patterns') return [group(rows, ['count'], ['_msg']).map((r) => ({ pattern: r._msg, count: r.count, sparkline: [1, 4, 2, null, 7, 3] })), 'table', { approximate: true, notes: ['counted from a sample of every shape'] }];
    const lines = q.slice(0, q.indexOf(pipe)).split('\n');
    throw new Wrong(`there is no pipe “${name}”`, lines.length, lines.at(-1).length + 1, 'did you mean stats?');
  }

  #timechart(rows, calls, by, from, to) {
    const span = [1, 5, 10, 30, 60, 300, 600, 1800, 3600].map((s) => s * second).find((s) => (to - from) / s <= 70) ?? 86400 * second;
    const out = [];
    for (let t = Math.floor(from / span) * span; t <= to; t += span) {
      const within = rows.filter((r) => ms(r) >= t && ms(r) < t + span);
      const row = { _time: new Date(t).toISOString() };
      if (by) for (const v of [...new Set(rows.map((r) => r[by]))].filter((v) => v !== undefined).sort()) row[v] = within.filter((r) => r[by] === v).length;
      else for (const c of calls) row[c] = aggregate(c, within);
      if (t + span > to) row._partial = true;
      out.push(row);
    }
    return [out, 'timechart', { span_ms: span, ...(by ? { series_by: by } : {}) }];
  }

  histogram(p, res) {
    const { from, to, rows } = this.#found(p);
    const span = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((s) => s * second).find((s) => (to - from) / s <= Number(p.buckets ?? 60)) ?? 86400 * second;
    const start = Math.floor(from / span) * span;
    const buckets = Array.from({ length: Math.max(1, Math.ceil((to - start) / span)) }, (_, i) => ({ t: new Date(start + i * span).toISOString(), count: 0 }));
    for (const r of rows) {
      const b = buckets[Math.floor((ms(r) - start) / span)];
      if (b) b.count++;
    }
    if (Date.parse(buckets.at(-1).t) + span > to) buckets.at(-1).partial = true;
    this.#send(res, { from: new Date(from).toISOString(), to: new Date(to).toISOString(), span_ms: span, buckets, total: rows.length });
  }

  fields(p, res) {
    const { rows } = this.#found(p);
    const names = [...new Set(rows.flatMap(Object.keys))].filter((n) => !['_time', '_seq'].includes(n));
    const fields = names.map((name) => {
      const all = counted(rows, name);
      const one = all[0]?.value;
      return { name, kind: typeof one === 'number' ? (Number.isInteger(one) ? 'int' : 'decimal') : typeof one === 'boolean' ? 'bool' : 'text', count: all.reduce((s, v) => s + v.count, 0), distinct: all.length, top: all.slice(0, 10) };
    });
    this.#send(res, { rows: rows.length, fields });
  }

  values(p, res) {
    const all = counted(this.#found(p).rows, p.field).filter((v) => String(v.value).toLowerCase().startsWith((p.prefix ?? '').toLowerCase()));
    const limit = Number(p.limit ?? 10);
    this.#send(res, { field: p.field, values: all.slice(0, limit), truncated: all.length > limit });
  }

  context(p, res) {
    const at = this.rows.findIndex((r) => String(r._seq) === p.seq && r._dataset === p.dataset);
    if (at < 0) return this.#fail(res, 404, { code: 'not_found', message: 'no such line' });
    const before = this.rows.slice(at + 1, at + 1 + Number(p.before)).reverse();
    const after = this.rows.slice(Math.max(0, at - Number(p.after)), at).reverse();
    this.#send(res, { before, row: this.rows[at], after });
  }

  datasets(_p, res) {
    const all = this.rows;
    this.#send(res, { datasets: all.length ? [{ name: 'app', rows: all.length, bytes: all.length * 12, from: all.at(-1)._time, to: all[0]._time }] : [] });
  }

  language(_p, res) {
    const word = (name, summary) => ({ name, syntax: name, summary });
    this.#send(res, {
      pipes: [word('stats', 'one row per group'), word('timechart', 'one row per time bucket'), word('head', 'the first rows'), word('sort', 'order rows'), word('where', 'keep rows'), word('patterns', 'kinds of messages')],
      functions: [word('len', 'length of a text'), word('lower', 'in small letters')],
      aggregates: [word('count', 'how many'), word('avg', 'mean'), word('p50', 'median'), word('p95', '95th percentile'), word('dc', 'distinct values')],
    });
  }
}

// As in the question: time first, although objects put names that are numbers before all others.
const order = (rows) => [...new Set(rows.flatMap(Object.keys))].sort((a, b) => (b === '_time') - (a === '_time'));

function counted(rows, name) {
  const counts = new Map();
  for (const r of rows) if (r[name] !== undefined) counts.set(String(r[name]), { value: r[name], count: (counts.get(String(r[name]))?.count ?? 0) + 1 });
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

function group(rows, calls, by) {
  const groups = new Map();
  for (const r of rows) {
    const key = JSON.stringify(by.map((f) => r[f]));
    if (by.every((f) => r[f] !== undefined)) groups.set(key, [...(groups.get(key) ?? []), r]);
  }
  return [...groups.values()].map((all) => ({ ...Object.fromEntries(by.map((f) => [f, all[0][f]])), ...Object.fromEntries(calls.map((c) => [c, aggregate(c, all)])) }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = new Mock();
  console.log(await mock.listen(Number(process.env.PORT ?? 7421)));
}
