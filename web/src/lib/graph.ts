// The picture of related ids: which are drawn, which are folded, and what joins them.
import type { Related, RelatedLine } from './api';

/** Siblings of one kind beyond this many are folded into one node; a click opens so many of them. */
export const foldAt = 6;
export const openBy = 24;

export interface Node {
  key: string;
  kind: string;
  /** Places in the list of ids: one, or those folded together. */
  ids: number[];
  /** Of a fold: how many siblings it stands for; the rest of ids hang on them. */
  siblings: number;
  hub: boolean;
  root: boolean;
  first: string;
  last: string;
  /** Texts of what should have followed, worst first. */
  missing: { state: string; text: string }[];
}

export interface Edge {
  from: string;
  to: string;
  lines: number;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
  kinds: string[];
}

/** Ids of units of work rather than of things: drawn when asked for. */
export const quietKind = (kind: string) => /^(span|parent|parent_span|trace|request)[_.]id$/.test(kind);

/** pairs are the ids that lines join, each line's around the one that was known first. */
function pairs(lines: RelatedLine[], shown: (id: number) => boolean): Map<string, [number, number, number]> {
  const out = new Map<string, [number, number, number]>();
  for (const line of lines) {
    const [anchor, ...rest] = line.ids.filter(shown);
    for (const other of rest) {
      const key = `${anchor}-${other}`;
      const known = out.get(key);
      if (known) known[2]++;
      else out.set(key, [anchor!, other, 1]);
    }
  }
  return out;
}

/** tree walks in breadth from the root; a hub is a leaf. It gives each id's parent, -1 for none. */
function tree(count: number, root: number, joined: Iterable<[number, number, number]>, isHub: (id: number) => boolean): number[] {
  const near: number[][] = Array.from({ length: count }, () => []);
  for (const [a, b] of joined) {
    near[a]!.push(b);
    near[b]!.push(a);
  }
  const parent = new Array<number>(count).fill(-2);
  const walk = (from: number) => {
    const queue = [from];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      if (isHub(at)) continue;
      for (const next of near[at]!) {
        if (parent[next] !== -2) continue;
        parent[next] = at;
        queue.push(next);
      }
    }
  };
  parent[root] = -1;
  walk(root);
  for (let id = 0; id < count; id++) {
    if (parent[id] !== -2) continue;
    parent[id] = root; // joined by a hub alone
    walk(id);
  }
  return parent;
}

/**
 * build draws the graph around the root, without the ids of hidden kinds; opened says how many siblings
 * of each fold are shown.
 */
export function build(answer: Related, root: number, opened: ReadonlyMap<string, number>, hidden: ReadonlySet<string> = new Set()): Graph {
  // Those of units of work come last, so that shapes and colours suffice for the rest.
  const kinds = [...new Set(answer.ids.map((x) => x.kind))].sort((a, b) => Number(quietKind(a)) - Number(quietKind(b)));
  if (!answer.ids.length) return { nodes: [], edges: [], kinds };
  const shownID = (id: number) => id === root || !hidden.has(answer.ids[id]!.kind);
  const joined = pairs(answer.lines, shownID);
  const parent = tree(answer.ids.length, root, joined.values(), (id) => !!answer.ids[id]!.hub && id !== root);
  const children: number[][] = answer.ids.map(() => []);
  parent.forEach((p, id) => p >= 0 && shownID(id) && children[p]!.push(id));

  const nodes: Node[] = [];
  const nodeOf = new Array<string>(answer.ids.length).fill('');
  const add = (key: string, ids: number[], siblings: number) => {
    const all = ids.map((i) => answer.ids[i]!);
    ids.forEach((i) => (nodeOf[i] = key));
    nodes.push({
      key, ids, siblings, kind: all[0]!.kind, hub: !!all[0]!.hub, root: ids.includes(root), missing: [],
      first: all.reduce((t, x) => (x.first && x.first < t ? x.first : t), all[0]!.first ?? ''),
      last: all.reduce((t, x) => (x.last && x.last > t ? x.last : t), all[0]!.last ?? ''),
    });
  };
  const below = (id: number): number[] => [id, ...children[id]!.flatMap(below)];
  const draw = (id: number) => {
    add(String(id), [id], 1);
    const byKind = new Map<string, number[]>();
    for (const child of children[id]!) {
      const kind = answer.ids[child]!.kind;
      byKind.set(kind, [...(byKind.get(kind) ?? []), child]);
    }
    for (const [kind, list] of byKind) {
      const key = `${id}/${kind}`;
      const shown = list.length <= foldAt ? list.length : (opened.get(key) ?? 0);
      list.slice(0, shown).forEach(draw);
      const rest = list.slice(shown);
      if (rest.length === 1) draw(rest[0]!);
      else if (rest.length) add(key, rest.flatMap(below), rest.length);
    }
  };
  draw(root);
  mark(nodes, nodeOf, answer);
  return { nodes, edges: join(nodes, nodeOf, joined.values()), kinds };
}

const worst = ['missing', 'late', 'awaited'];

function mark(nodes: Node[], nodeOf: string[], answer: Related): void {
  const byKey = new Map(nodes.map((n) => [n.key, n]));
  for (const m of answer.missing) byKey.get(nodeOf[m.id]!)?.missing.push({ state: m.state, text: m.text });
  for (const n of nodes) n.missing.sort((a, b) => worst.indexOf(a.state) - worst.indexOf(b.state));
}

/** join gives the edges between nodes, each from the earlier to the later one. */
function join(nodes: Node[], nodeOf: string[], joined: Iterable<[number, number, number]>): Edge[] {
  const order = new Map([...nodes].sort((a, b) => (a.first === b.first ? Math.min(...a.ids) - Math.min(...b.ids) : a.first < b.first ? -1 : 1)).map((n, i) => [n.key, i]));
  const edges = new Map<string, Edge>();
  for (const [a, b, lines] of joined) {
    let [from, to] = [nodeOf[a]!, nodeOf[b]!];
    if (from === to) continue;
    if (order.get(from)! > order.get(to)!) [from, to] = [to, from];
    const key = `${from} ${to}`;
    const known = edges.get(key);
    if (known) known.lines += lines;
    else edges.set(key, { from, to, lines });
  }
  return [...edges.values()];
}

/** A step of the story: a line, or one that should be there. */
export interface Step {
  at: number;
  /** Since the step before, in ms. */
  gap: number;
  line?: RelatedLine;
  missing?: { state: string; text: string; id: number };
}

/** steps are the lines in the order of time, with what is missing where it was due. */
export function steps(answer: Related): Step[] {
  const all: Step[] = answer.lines.map((line) => ({ at: Date.parse(String(line.row._time)), gap: 0, line }));
  for (const m of answer.missing) {
    if (m.state !== 'late') all.push({ at: Date.parse(m.due), gap: 0, missing: m });
  }
  all.sort((a, b) => a.at - b.at);
  all.forEach((s, i) => (s.gap = i ? s.at - all[i - 1]!.at : 0));
  return all;
}
