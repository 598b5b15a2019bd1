// The query language as the page needs it: enough to colour it, complete it and edit its search part.
// The server alone decides what a question means.

export type Kind = 'space' | 'comment' | 'string' | 'pipe' | 'op' | 'open' | 'close' | 'comma' | 'keyword' | 'number' | 'name' | 'field' | 'call' | 'word';

export interface Token {
  kind: Kind;
  text: string;
  start: number;
  end: number;
  /** How many brackets are open around the token. */
  depth: number;
}

const rules: [Kind, RegExp][] = [
  ['space', /\s+/y],
  ['comment', /#(?=\s|$)[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /"(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$)|`(?:\\.|[^`\\])*(?:`|$)|[“”„](?:\\.|[^“”\\])*(?:[“”]|$)/y],
  ['pipe', /\|/y],
  ['op', /!==|!=|<=|>=|!~|==|<>|[=<>~]/y],
  ['open', /[([]/y],
  ['close', /[)\]]/y],
  ['comma', /,/y],
  ['word', /(?:\\.|[^\s"“”|=<>~!()[\],]|!(?![=~]))+/y],
];

const keywords = /^(and|or|not|by|as|in|if|on|span|limit|from)$/i;

/** lex cuts a question into tokens that, joined, are the question. */
export function lex(q: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;
  while (at < q.length) {
    const token = next(q, at, depth);
    if (token.kind === 'open') depth++;
    if (token.kind === 'close') token.depth = depth = Math.max(0, depth - 1);
    tokens.push(token);
    at = token.end;
  }
  return classify(tokens);
}

function next(q: string, at: number, depth: number): Token {
  for (const [kind, rule] of rules) {
    rule.lastIndex = at;
    const m = rule.exec(q);
    if (m) return { kind, text: m[0], start: at, end: at + m[0].length, depth };
  }
  return { kind: 'word', text: q[at]!, start: at, end: at + 1, depth };
}

/** classify tells pipe names, fields, calls, keywords and numbers from plain words by their neighbours. */
function classify(tokens: Token[]): Token[] {
  const solid = tokens.filter((t) => t.kind !== 'space' && t.kind !== 'comment');
  solid.forEach((t, i) => {
    const before = solid[i - 1];
    const after = solid[i + 1];
    if (t.kind === 'string' && after?.kind === 'op' && after.start === t.end) t.kind = 'field';
    if (t.kind !== 'word') return;
    if (before?.kind === 'pipe') t.kind = 'name';
    else if (after?.kind === 'op' && before?.kind !== 'op') t.kind = 'field';
    else if (after?.kind === 'open' && after.text === '(' && after.start === t.end && !keywords.test(t.text)) t.kind = 'call';
    else if (keywords.test(t.text) && before?.kind !== 'op') t.kind = 'keyword';
    else if (/^-?\d+(\.\d+)?(ms|[smhdwy]|mon)?(@\w+)?$/.test(t.text)) t.kind = 'number';
  });
  return tokens;
}

/** firstPipe is where the search part ends. */
export function firstPipe(q: string): number {
  const pipe = lex(q).find((t) => t.kind === 'pipe' && t.depth === 0);
  return pipe ? pipe.start : q.length;
}

/** searchOf is the part before the first pipe, which the histogram and the fields are asked with. */
export const searchOf = (q: string) => q.slice(0, firstPipe(q)).trim();

/** pipesOf is the rest, from the first pipe on. */
export const pipesOf = (q: string) => q.slice(firstPipe(q)).trim();

/** splitBy tells whether a timechart has one series per value of a field. */
export function splitBy(q: string): boolean {
  const tokens = lex(q).filter((t) => t.depth === 0);
  const chart = tokens.findLastIndex((t) => t.kind === 'name' && t.text.toLowerCase() === 'timechart');
  const end = tokens.findIndex((t, i) => i > chart && t.kind === 'pipe');
  return chart >= 0 && tokens.slice(chart, end < 0 ? undefined : end).some((t) => t.kind === 'keyword' && t.text.toLowerCase() === 'by');
}
