// The page's plain functions: times, the language, questions, texts, colours.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { source } from './source.mjs';

let from;
let lib;

before(async () => {
  from = await source();
  const names = ['address', 'completion', 'copy', 'deploys', 'format', 'graph', 'level', 'lexer', 'plot', 'question', 'series', 'tail', 'text', 'time'];
  lib = Object.fromEntries(await Promise.all(names.map(async (n) => [n, await from.load(n)])));
});

after(() => from.close());

test('any pasted time is read', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const table = [
    ['2019-03-18T22:48:32.990Z', '2019-03-18T22:48:32.990Z'],
    ['[2019-03-18 22:48:32.990]', '2019-03-18T22:48:32.990Z'],
    ['2019-03-18 22:48:32,990', '2019-03-18T22:48:32.990Z'],
    ['2019-03-18T22:48:32+02:00', '2019-03-18T20:48:32.000Z'],
    ['2019-03-18', '2019-03-18T00:00:00.000Z'],
    ['18/Mar/2019:22:48:32 +0100', '2019-03-18T21:48:32.000Z'],
    ['Nov 20 10:00:01', '2026-11-20T10:00:01.000Z'],
    ['Dec 31 10:00:01', '2025-12-31T10:00:01.000Z'],
    ['1552949312', '2019-03-18T22:48:32.000Z'],
    ['1552949312990', '2019-03-18T22:48:32.990Z'],
    ['1552949312990123456', '2019-03-18T22:48:32.990Z'],
    ['10:30', '2026-11-21T10:30:00.000Z'],
    ['-90m', '2026-11-21T10:30:00.000Z'],
    ['now', '2026-11-21T12:00:00.000Z'],
  ];
  for (const [text, want] of table) {
    const got = lib.time.parse(text, 'utc', now);
    assert.equal(got === undefined ? 'unread' : new Date(Math.floor(got)).toISOString(), want, text);
  }
  for (const text of ['', 'soon', '2019-13-01', '99:99', '12345', '2019-03-18 25:61']) assert.equal(lib.time.parse(text, 'utc', now), undefined, text);
});

test('one pasted time is a range around it, two are a range', () => {
  const iso = (r) => r?.map((t) => new Date(t).toISOString());
  assert.deepEqual(iso(lib.time.parseRange('2026-11-21 10:00', 'utc')), ['2026-11-21T09:55:00.000Z', '2026-11-21T10:05:00.000Z']);
  for (const between of [' – ', ' to ', ' - ', '..']) {
    assert.deepEqual(iso(lib.time.parseRange(`2026-11-21 10:00${between}2026-11-21 09:00`, 'utc')), ['2026-11-21T09:00:00.000Z', '2026-11-21T10:00:00.000Z'], between);
  }
  assert.equal(lib.time.parseRange('neither to nor', 'utc'), undefined);
});

test('nanoseconds survive', () => {
  assert.equal(lib.time.after('2026-11-21T10:00:00.123456789Z'), '2026-11-21T10:00:00.123456790Z');
  assert.equal(lib.time.after('2026-11-21T10:00:00.999999999Z'), '2026-11-21T10:00:01.000Z');
  assert.equal(lib.time.after('2026-11-21T10:00:00Z'), '2026-11-21T10:00:00.000000001Z');
  assert.equal(lib.time.exact('2026-11-21T10:00:00.123456789Z', 'utc'), '2026-11-21 10:00:00.123456789 UTC');
});

test('tokens joined are the question', () => {
  const questions = ['', 'a | b', '“Request started” | head', 'x="a|b" | stats count by y', "'odd name'=\"q\\\"r\" /* a | b */ | where x>1 # end", 'a in [b | c] | d', 'f~"^/v[12]|x"', "don't | x", '"open', 'm\n| n\n| o !~ p', 'a\u00a0b 𝒳 |'];
  for (const q of questions) assert.equal(lib.lexer.lex(q).map((t) => t.text).join(''), q);
});

test('the search part ends at the first pipe outside quotes, comments and brackets', () => {
  const table = [['a b | head', 'a b'], ['x="a|b" | head', 'x="a|b"'], ['a in [b | c] d | e', 'a in [b | c] d'], ['/* | */ a | b', '/* | */ a'], ['“a | b”', '“a | b”'], ["'a|b'=1 | c", "'a|b'=1"], ['| head', '']];
  for (const [q, want] of table) assert.equal(lib.lexer.searchOf(q), want, q);
});

test('a timechart by a field is told from one of several aggregates', () => {
  const table = [['a | timechart count by x', true], ['a | timechart p50(x) p99(x)', false], ['a | stats count by x | timechart count', false], ['a | timechart count | sort x', false], ['timechart by', false]];
  for (const [q, want] of table) assert.equal(lib.lexer.splitBy(q), want, q);
});

test('a value becomes a term taken to the letter', () => {
  const table = [['f', 'api', 'f=api'], ['f', 'a b', 'f="a b"'], ['f', 'a"b\\c', 'f="a\\"b\\\\c"'], ['f', 'a*', 'f="a\\*"'], ['f', 'not', 'f="not"'], ['f', '', 'f=""'], ['odd name', 1, "'odd name'=1"], ["it's", true, "`it's`=true"], ['net', '10.0.0.0/8', 'net==10.0.0.0/8'], ['user-agent', 'x', "'user-agent'=x"], ['n', 9007199254740993n, 'n=9007199254740993'], ['f', 'a|b', 'f="a|b"']];
  for (const [field, value, want] of table) assert.equal(lib.question.term(field, value), want);
});

test('include, exclude and only edit the search part', () => {
  const { withTerm } = lib.question;
  assert.equal(withTerm('', 'include', 'f', 'x'), 'f=x');
  assert.equal(withTerm('* | head', 'include', 'f', 'x'), 'f=x | head');
  assert.equal(withTerm('a or b | head', 'include', 'f', 'x'), '(a or b) f=x | head');
  assert.equal(withTerm('a', 'exclude', 'f', 'x'), 'a NOT f=x');
  assert.equal(withTerm('a NOT f=x', 'include', 'f', 'x'), 'a f=x');
  assert.equal(withTerm('a f=x b', 'exclude', 'f', 'x'), 'a b NOT f=x');
  assert.equal(withTerm('a f=x', 'include', 'f', 'x'), 'a f=x');
  assert.equal(withTerm('a b | stats count', 'only', 'f', 'x'), 'f=x | stats count');
  assert.equal(lib.question.withoutTime('a earliest=-1h b latest="now" | head'), 'a b | head');
  assert.equal(lib.question.withoutTime('earliest=-1h'), '*');
  assert.deepEqual(lib.question.sought('“Request started” service=api NOT debug time* | head'), ['Request started', 'time']);
});

test('what is wanted at the caret', () => {
  const table = [['ser', 'term'], ['service=', 'value'], ['service=ap', 'value'], ['a | st', 'pipe'], ['a | ', 'pipe'], ['a | stats co', 'aggregate'], ['a | stats count by ', 'field'], ['a | stats p50(', 'field'], ['a | where le', 'expression'], ['a | timechart span=', 'nothing'], ['a | sort ', 'field'], ['"phr', 'nothing'], ["'odd name'=", 'value']];
  for (const [q, want] of table) assert.equal(lib.completion.place(q, q.length).wants, want, q);
  assert.deepEqual({ ...lib.completion.place('service=api b', 10) }, { wants: 'value', prefix: 'ap', start: 8, end: 11, field: 'service' });
});

test('hostile text is made visible', () => {
  const { visible, spelled, firstLine, pieces } = lib.text;
  assert.equal(visible('\u001b[31mred\u001b[0m \u0007 \u001b]0;title\u0007x'), 'red ␇ x');
  assert.equal(spelled('\u001b[31mred\u001b[0m\r\n\tx\u202E'), '␛[31mred␛[0m\n\tx⟨202E⟩');
  assert.equal(visible('a\u202Etxt.exe'), 'a⟨202E⟩txt.exe');
  assert.deepEqual(firstLine('one\r\ntwo\nthree\n'), { line: 'one', more: 2 });
  assert.deepEqual(pieces('a.b A.B axb', ['a.b']).filter((p) => p.hit).map((p) => p.text), ['a.b', 'A.B']);
});

test('numbers and values as people read them', () => {
  const { number, short, bytes, percent, elapsed, json } = lib.format;
  assert.deepEqual([0, 0.0226, 0.000012, 1.23456, 123.456, 12345.67, 1e-9, 48213].map(number), ['0', '0.0226', '0.000012', '1.235', '123.46', '12,345.7', '1.00e-9', '48,213']);
  assert.deepEqual([999, 1200, 3.4e6].map(short), ['999', '1.2 k', '3.4 M']);
  assert.deepEqual([900, 1234567, 5.21e9].map(bytes), ['900 B', '1.2 MB', '5.2 GB']);
  assert.deepEqual([percent(1, 3), percent(1, 100000), percent(5, 5), percent(0, 5)], ['33 %', '<0.1 %', '100 %', '0 %']);
  assert.deepEqual([0.1234, 12.3, 2345].map(elapsed), ['0.12 ms', '12 ms', '2.35 s']);
  assert.equal(json([1n, 'a', null]), '[1,"a",null]');
});

test('lines are copied whole', () => {
  const row = { _time: '2026-11-21T10:00:00.5Z', _seq: 9007199254740993n, _dataset: 'app', _msg: "it's \"x\"\n", n: null };
  assert.equal(lib.copy.asJSON(row), '{"_time":"2026-11-21T10:00:00.5Z","_seq":9007199254740993,"_dataset":"app","_msg":"it\'s \\"x\\"\\n"}');
  assert.equal(lib.copy.asLogfmt(row), '_time=2026-11-21T10:00:00.5Z _seq=9007199254740993 _dataset=app _msg="it\'s \\"x\\"\\n"');
  assert.match(lib.copy.asCurl(row, 'http://h'), /^curl -G 'http:\/\/h\/api\/v1\/query'.*'q=_dataset=app _seq=9007199254740993'/s);
  assert.equal(lib.copy.quote("it's"), `'it'\\''s'`);
});

test('levels of many spellings are five marks', () => {
  const table = [['ERROR', 'E'], ['warn', 'W'], [3, 'E'], ['6', 'I'], [50, 'E'], [30, 'I'], ['panic', 'F'], ['fine', 'D'], ['odd', ''], [null, '']];
  for (const [value, want] of table) assert.equal(lib.level.markOf(value), want, String(value));
});

test('series keep their colours; 5xx stand on top', () => {
  const { tones, order } = lib.series;
  assert.equal(tones(['checkout'])[0].colour, tones(['checkout', '200'])[0].colour);
  assert.deepEqual(tones(['200', '503']).map((t) => t.colour), ['var(--status-2)', 'var(--status-5)']);
  assert.equal(new Set(tones(['404', '429', '499', '418', '400']).map((t) => t.colour)).size, 5);
  const widths = tones(['p50(d)', 'p95(d)', 'p99(d)']).map((t) => t.width);
  assert.ok(widths[0] < widths[1] && widths[1] < widths[2]);
  assert.deepEqual(order(['503', '200', 'other', '404']), [2, 1, 3, 0]);
  assert.deepEqual(lib.plot.stacked([[1, null], [2, 3]]), [[1, 0], [3, 3]]);
});

test('a gap stays a gap, and only what has a number is drawn', () => {
  const rows = [{ _time: '2026-01-01T00:01:00Z', a: 2, s: 'x', _partial: true }, { _time: '2026-01-01T00:00:00Z', a: null, s: 'y' }];
  const drawn = lib.plot.frame(rows, ['_time', 'a', 's']);
  assert.deepEqual([drawn.names, drawn.columns, drawn.partial], [['a'], [[null, 2]], true]);
});

test('the address holds the whole state', () => {
  const state = { q: 'a | b "c"', from: '-6h', to: '', zone: 'utc', view: 'bars', columns: ['x', 'y z'], live: true, line: 'app/12' };
  assert.deepEqual(lib.address.read(lib.address.write(state)), state);
  assert.equal(lib.address.write(lib.address.read('')), '');
});

test('events are read however the bytes are cut', async () => {
  const text = ': beat\n\nevent: row\ndata: {"a":1}\n\ndata: two\r\ndata: lines\r\n\r\nevent: error\ndata:x\n\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 3, 7, bytes.length]) {
    const stream = new ReadableStream({
      start(c) {
        for (let i = 0; i < bytes.length; i += size) c.enqueue(bytes.slice(i, i + size));
        c.close();
      },
    });
    const got = [];
    for await (const e of lib.tail.events(stream)) got.push([e.name, e.data]);
    assert.deepEqual(got, [['row', '{"a":1}'], ['message', 'two\nlines'], ['error', 'x']], `cut at ${size}`);
  }
});

/** bulk is an answer of one bulk with n messages, each with a report, and a hub. */
function bulk(n) {
  const at = (s) => `2026-01-01T00:${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}Z`;
  const ids = [{ kind: 'bulk_id', id: 'b', degree: n, first: at(0), last: at(0), distance: 0 }, { kind: 'route_id', id: 'all', degree: 1001, first: at(0), last: at(0), distance: 0, hub: true }];
  const lines = [];
  for (let i = 0; i < n; i++) {
    ids.push({ kind: 'message_id', id: `m${i}`, degree: 2, first: at(1 + (i % 60)), last: at(2), distance: 1 });
    ids.push({ kind: 'report_id', id: `r${i}`, degree: 1, first: at(100), last: at(100), distance: 2 });
    lines.push({ row: { _time: at(1 + (i % 60)), _seq: i }, ids: [0, 1, 2 + 2 * i] }, { row: { _time: at(100), _seq: n + i }, ids: [2 + 2 * i, 3 + 2 * i] });
  }
  return { question: '', ids, lines, missing: [{ id: 3, since: at(1), due: at(90), state: 'missing', text: 'sent, no report after 1m' }], meta: {} };
}

test('a graph folds siblings, opens them, and keeps a hub a leaf', () => {
  const small = lib.graph.build(bulk(3), 0, new Map());
  assert.equal(small.nodes.length, 8);
  assert.deepEqual(small.edges.filter((e) => e.to === '1' || e.from === '1').map((e) => [e.from, e.to, e.lines]), [['0', '1', 3]]);
  const answer = bulk(1000);
  const closed = lib.graph.build(answer, 0, new Map());
  assert.deepEqual(closed.nodes.map((n) => [n.key, n.ids.length, n.siblings]), [['0', 1, 1], ['1', 1, 1], ['0/message_id', 2000, 1000]]);
  assert.deepEqual(closed.nodes.at(-1).missing.map((m) => m.state), ['missing']);
  const opened = lib.graph.build(answer, 0, new Map([['0/message_id', 24]]));
  assert.deepEqual([opened.nodes.length, opened.nodes.at(-1).siblings], [51, 976]);
  for (const e of opened.edges) assert.ok(opened.nodes.some((n) => n.key === e.from) && opened.nodes.some((n) => n.key === e.to));
  assert.deepEqual(lib.graph.build(bulk(3), 0, new Map(), new Set(['message_id', 'report_id'])).nodes.map((n) => n.kind), ['bulk_id', 'route_id']);
  assert.deepEqual(lib.graph.build({ ...answer, ids: [], lines: [], missing: [] }, 0, new Map()).nodes, []);
});

test('what is missing stands where it was due, with the gap before it', () => {
  const story = lib.graph.steps(bulk(1));
  assert.deepEqual(story.map((s) => [s.missing?.text ?? 'line', s.gap]), [['line', 0], ['sent, no report after 1m', 89_000], ['line', 10_000]]);
});

test('deploys near to each other are one mark', () => {
  const at = (ms) => ({ at: BigInt(ms) * 1_000_000n, service: 's', release: String(ms) });
  const got = lib.deploys.marks([at(1000), at(1010), at(1040), at(1900)], 1000, 2000, 0.03);
  assert.deepEqual(got.map((m) => [m.at, m.deploys.map((d) => d.release)]), [[0, ['1000', '1010']], [0.04, ['1040']], [0.9, ['1900']]]);
});

test('what got worse is said, and noise is not', () => {
  const shift = (r1, e1, p1, r2, e2, p2) => ({ service: 's', before: { requests: r1, errors: e1, p95: p1 }, after: { requests: r2, errors: e2, p95: p2 } });
  const table = [
    [shift(1000, 0, 0.02, 1000, 50, 0.3), 'worse', 'slower'],
    [shift(1000, 50, 0.3, 1000, 0, 0.02), 'better', 'faster'],
    [shift(1000, 1, 0.001, 1000, 3, 0.002), '', ''],
    [shift(1000, 10, 1, 4000, 40, 1.1), '', ''],
    [shift(0, 0, 0, 1000, 50, 0.3), '', ''],
    [shift(1000, 50, 0.3, 0, 0, 0), '', ''],
  ];
  for (const [s, errors, p95] of table) assert.deepEqual([lib.deploys.errorsWent(s), lib.deploys.p95Went(s)], [errors, p95], JSON.stringify(s));
});

test('the lines of a pattern are found by its longest words', () => {
  const of = (pattern, service = 'api') => lib.deploys.linesOf({ pattern, service });
  assert.equal(of('took <n> ms to say "hello" to <hex>'), '"ms to say \\"hello\\" to" service="api"');
  assert.equal(of('<n>'), 'service="api"');
  assert.equal(of('<n>', ''), '*');
});
