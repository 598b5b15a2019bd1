// Editing a question from the page: a click on a value becomes a term of its search part.
import type { Value } from './api';
import { text } from './format';
import { lex, pipesOf, searchOf, type Token } from './lexer';

export type Deed = 'include' | 'exclude' | 'only';

/** term spells field=value so that the value is taken to the letter, but for its case. */
export function term(field: string, value: Value): string {
  const s = text(value);
  // A network would match all its addresses; == takes it as the text it is.
  const op = /^[\da-f.:]+\/\d+$/i.test(s) ? '==' : '=';
  return fieldName(field) + op + literal(s);
}

/** fieldName spells the name of a field: bare, or in quotes where it must be. */
export function fieldName(name: string): string {
  if (/^[A-Za-z_@\u0080-\uffff][\w.@\u0080-\uffff]*$/.test(name) && !/^(and|or|not|in|by|as|true|false|null|earliest|latest|any)$/i.test(name)) return name;
  return name.includes("'") ? `\`${name.replace(/`/g, '\\`')}\`` : `'${name}'`;
}

/** literal spells a value bare where it can stand so, else in quotes with its stars escaped. */
export function literal(s: string): string {
  if (/^[\w.@/:+-]+$/.test(s) && !s.startsWith('/*') && !/^(and|or|not|in|case)$/i.test(s)) return s;
  return `"${s.replace(/[\\"*]/g, '\\$&')}"`;
}

/** withTerm narrows a question by one value of a field; "only" drops the rest of its search part. */
export function withTerm(q: string, deed: Deed, field: string, value: Value): string {
  const yes = term(field, value);
  const no = `NOT ${yes}`;
  if (deed === 'only') return join(yes, q);
  const want = deed === 'include' ? yes : no;
  const search = drop(drop(searchOf(q), deed === 'include' ? no : yes), want);
  return join(and(search, want), q);
}

function and(search: string, want: string): string {
  if (search === '' || search === '*') return want;
  return hasOr(search) ? `(${search}) ${want}` : `${search} ${want}`;
}

const hasOr = (search: string) => lex(search).some((t) => t.depth === 0 && t.kind === 'keyword' && t.text.toLowerCase() === 'or');

function join(search: string, q: string): string {
  const pipes = pipesOf(q);
  return pipes ? `${search} ${pipes}` : search;
}

/** drop removes a term that stands by itself among and-ed terms. */
function drop(search: string, unwanted: string): string {
  if (hasOr(search)) return search;
  const padded = ` ${search} `;
  const at = padded.indexOf(` ${unwanted} `);
  if (at < 0 || (!unwanted.startsWith('NOT ') && /\bnot$/i.test(padded.slice(0, at).trim()))) return search;
  return `${padded.slice(0, at)} ${padded.slice(at + unwanted.length + 1)}`.replace(/ {2,}/g, ' ').trim();
}

/** withPipe appends a pipe. */
export const withPipe = (q: string, pipe: string) => `${q.trim() || '*'} | ${pipe}`;

/** grouped asks how often each value of a field occurs in the search. */
export const grouped = (q: string, field: string) => `${searchOf(q) || '*'} | stats count by ${fieldName(field)} | sort -count`;

/** withoutTime drops earliest= and latest=, which would fight a time range chosen by hand. */
export function withoutTime(q: string): string {
  const search = searchOf(q);
  const tokens = lex(search);
  const out = tokens.filter((t, i) => !boundary(tokens, i, t)).map((t) => t.text).join('');
  if (out === search) return q;
  return join(out.replace(/ {2,}/g, ' ').trim() || '*', q);
}

function boundary(tokens: Token[], i: number, t: Token): boolean {
  const isTime = (x: Token | undefined) => x?.kind === 'field' && /^(earliest|latest)$/i.test(x.text);
  return isTime(t) || (t.kind === 'op' && isTime(tokens[i - 1])) || (tokens[i - 1]?.kind === 'op' && isTime(tokens[i - 2]));
}

/** sought lists the words and phrases a line must hold, for marking them in messages. */
export function sought(q: string): string[] {
  const solid = lex(searchOf(q)).filter((t) => t.kind !== 'space' && t.kind !== 'comment');
  const words: string[] = [];
  solid.forEach((t, i) => {
    const before = solid[i - 1];
    if (before?.kind === 'op' || (before?.kind === 'keyword' && /not/i.test(before.text))) return;
    if (t.kind === 'word' || t.kind === 'number') words.push(t.text.replace(/\*/g, ''));
    if (t.kind === 'string') words.push(t.text.replace(/^["'“”„`]|["'“”`]$/g, '').replace(/\\(.)/g, '$1'));
  });
  return [...new Set(words)].filter((w) => w.length > 1);
}

/** isSearch tells whether a question is a search alone, without pipes. */
export const isSearch = (q: string) => pipesOf(q) === '';
