// Where the nodes of a graph stand: dagre's layers, from left to right. As each edge leads from the
// earlier to the later id, so do the layers.
import { graphlib, layout as dagre } from '@dagrejs/dagre';
import type { Graph } from './graph';

export const box = { width: 188, height: 40 };

export interface Placed {
  width: number;
  height: number;
  at: Map<string, { x: number; y: number }>;
  paths: { from: string; to: string; d: string; lines: number }[];
}

/** Beyond so many nodes dagre's ordering takes seconds; layers by distance, in order, are drawn instead. */
const manyNodes = 400;

export function layout(g: Graph): Placed {
  if (g.nodes.length > manyNodes) return columns(g);
  const d = new graphlib.Graph();
  d.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 56, marginx: 12, marginy: 12 });
  d.setDefaultEdgeLabel(() => ({}));
  for (const n of g.nodes) d.setNode(n.key, { ...box });
  for (const e of g.edges) d.setEdge(e.from, e.to);
  dagre(d);
  const at = new Map(g.nodes.map((n) => [n.key, { x: Number(d.node(n.key).x), y: Number(d.node(n.key).y) }]));
  const size = d.graph();
  return { width: Number(size.width ?? 0), height: Number(size.height ?? 0), at, paths: curves(g, at) };
}

function columns(g: Graph): Placed {
  const at = new Map<string, { x: number; y: number }>();
  const rank = new Map<string, number>(g.nodes.map((n) => [n.key, 0]));
  const order = [...g.nodes].sort((a, b) => (a.first < b.first ? -1 : 1));
  const out = new Map<string, string[]>();
  for (const e of g.edges) out.set(e.from, [...(out.get(e.from) ?? []), e.to]);
  for (const n of order) for (const to of out.get(n.key) ?? []) rank.set(to, Math.max(rank.get(to)!, rank.get(n.key)! + 1));
  const filled: number[] = [];
  for (const n of order) {
    const r = rank.get(n.key)!;
    filled[r] = (filled[r] ?? 0) + 1;
    at.set(n.key, { x: 12 + box.width / 2 + r * (box.width + 56), y: 12 + box.height / 2 + (filled[r]! - 1) * (box.height + 14) });
  }
  return { width: 24 + filled.length * (box.width + 56), height: 24 + Math.max(...filled.map((n) => n ?? 0)) * (box.height + 14), at, paths: curves(g, at) };
}

function curves(g: Graph, at: Placed['at']): Placed['paths'] {
  return g.edges.map((e) => {
    const [a, b] = [at.get(e.from)!, at.get(e.to)!];
    const [x1, x2] = [a.x + box.width / 2, b.x - box.width / 2];
    const bend = Math.max(24, (x2 - x1) / 2);
    return { from: e.from, to: e.to, lines: e.lines, d: `M${x1} ${a.y}C${x1 + bend} ${a.y} ${x2 - bend} ${b.y} ${x2} ${b.y}` };
  });
}
