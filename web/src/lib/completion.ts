// What may stand at the caret: pipe, function, aggregate and field names, and the values of a field.
import type { Language } from './api';
import { lex, type Token } from './lexer';
import { fieldName } from './question';

export interface Choice {
  text: string;
  /** What is put into the question in place of the word at the caret. */
  insert: string;
  kind: 'pipe' | 'function' | 'aggregate' | 'field' | 'value' | 'keyword' | 'recent' | 'example';
  note?: string;
  count?: number;
}

export interface Place {
  wants: 'pipe' | 'field' | 'value' | 'expression' | 'aggregate' | 'term' | 'nothing';
  /** The word at the caret, and where it starts and ends. */
  prefix: string;
  start: number;
  end: number;
  /** The field whose values are wanted. */
  field: string;
}

const aggregating = /^(stats|eventstats|streamstats|timechart|transaction|compare)$/;
const computing = /^(where|eval|search)$/;

/** place tells what is wanted at the caret. */
export function place(q: string, caret: number): Place {
  const tokens = lex(q.slice(0, caret));
  const solid = tokens.filter((t) => t.kind !== 'space');
  const last = tokens.at(-1);
  const typing = last && /^(word|name|field|keyword|number|call|string)$/.test(last.kind) ? last : undefined;
  const before = typing ? solid.at(-2) : solid.at(-1);
  const tail = /^[^\s"“”`|=<>~!()[\],]*/.exec(q.slice(caret))![0].length;
  const at: Place = { wants: 'nothing', prefix: typing?.text ?? '', start: typing?.start ?? caret, end: caret + (typing ? tail : 0), field: '' };
  if (last?.kind === 'comment') return at;
  if (before?.kind === 'op' && before.end === at.start) return valueOf(at, solid, typing);
  if (last?.kind === 'string') return at;
  at.wants = inPipe(solid, before);
  return at;
}

function valueOf(at: Place, solid: Token[], typing: Token | undefined): Place {
  const name = solid.at(typing ? -3 : -2);
  if (!name || name.kind === 'op' || name.kind === 'pipe') return at;
  at.field = name.text.replace(/^["'`]|["'`]$/g, '');
  at.prefix = at.prefix.replace(/^["'“]/, '');
  at.wants = /^(earliest|latest|span|limit|depth|window)$/.test(at.field) ? 'nothing' : 'value';
  return at;
}

/** inPipe looks back to the pipe the caret stands in. */
function inPipe(solid: Token[], before: Token | undefined): Place['wants'] {
  if (before?.kind === 'pipe') return 'pipe';
  const open = solid.findLastIndex((t) => t.kind === 'pipe');
  if (open < 0) return 'term';
  const name = solid[open + 1]?.text ?? '';
  const by = solid.slice(open).some((t) => t.kind === 'keyword' && /^by$/i.test(t.text));
  if (by || before?.kind === 'open') return computing.test(name) ? 'expression' : 'field';
  if (aggregating.test(name)) return 'aggregate';
  return computing.test(name) ? 'expression' : 'field';
}

/** names are the choices among the words of the language and the fields, best first. */
export function names(at: Place, language: Language, fields: { name: string; count: number }[]): Choice[] {
  const ofFields = (suffix: string): Choice[] => fields.map((f) => ({ text: f.name, insert: fieldName(f.name) + suffix, kind: 'field', count: f.count }));
  const functions = (): Choice[] => language.functions.map((w) => ({ text: w.name, insert: `${w.name}(`, kind: 'function', note: w.syntax ?? w.summary }));
  const all: Choice[] = [];
  if (at.wants === 'pipe') all.push(...language.pipes.map((w): Choice => ({ text: w.name, insert: `${w.name} `, kind: 'pipe', note: w.summary ?? w.syntax })));
  if (at.wants === 'aggregate') {
    all.push(...language.aggregates.map((w): Choice => ({ text: w.name, insert: w.name === 'count' ? 'count' : `${w.name}(`, kind: 'aggregate', note: w.summary ?? w.syntax })));
    all.push({ text: 'by', insert: 'by ', kind: 'keyword', note: 'one row per value of …' });
  }
  if (at.wants === 'term') all.push(...ofFields('='));
  if (at.wants === 'field' || at.wants === 'expression') all.push(...ofFields(''));
  if (at.wants === 'expression') all.push(...functions());
  return rank(all, at.prefix);
}

/** rank keeps what the prefix fits: starts first, then what holds it somewhere. */
export function rank(all: Choice[], prefix: string): Choice[] {
  const p = prefix.toLowerCase();
  if (!p) return all.slice(0, 50);
  const starts = all.filter((c) => c.text.toLowerCase().startsWith(p) && c.text !== prefix);
  const holds = all.filter((c) => !c.text.toLowerCase().startsWith(p) && c.text.toLowerCase().includes(p));
  return [...starts, ...holds].slice(0, 50);
}
