// The wall, incidents and rules as the API tells them. Times are nanoseconds since 1970, which
// do not fit a double and so may come as bigint; ms() makes milliseconds of them.
import { ask, send } from './api';

export type Time = number | bigint;
export const ms = (t: Time | undefined): number => (t === undefined ? 0 : Number(t) / 1e6);
export const ns = (milliseconds: number): number => Math.round(milliseconds) * 1e6;

export type Severity = 'info' | 'warning' | 'critical';
export type Pair = { name: string; value: string };

export interface Rule {
  name: string;
  question: string;
  resolve?: string;
  every: string;
  over: string;
  for: string;
  keep_for: string;
  severity: Severity;
  no_data: string;
  summary?: string;
  why?: string;
  look?: string;
  runbook?: string;
  slo?: { text: string };
}

export interface Instance {
  labels: Pair[] | null;
  status: string;
  since: Time;
  value: number;
  /** What people read of it. */
  title: string;
}

export interface WallLamp {
  rule: Rule;
  status: string;
  since?: Time;
  instances: Instance[];
  error?: string;
  outside?: boolean;
  put_off?: Time;
  put_off_by?: string;
}

export interface Lamp {
  rule: string;
  labels: Pair[] | null;
  severity: Severity;
  title: string;
  from: Time;
  to?: Time;
  times: number;
  helped?: boolean;
  false?: boolean;
}

export interface Task {
  text: string;
  owner: string;
  due: Time;
  done?: Time;
}

export interface Incident {
  id: string;
  status: string;
  title: string;
  opened: Time;
  ended?: Time;
  episodes: { from: Time; to?: Time }[];
  lamps: Lamp[];
  acked_by?: string;
  acked?: Time;
  cause?: string;
  class?: string;
  follow_up?: string;
  tasks?: Task[];
  timeline: { at: Time; by?: string; kind: string; text: string }[];
}

export interface Deploy {
  at: Time;
  service: string;
  release: string;
  by?: string;
  link?: string;
  /** First seen in lines, told by nobody. */
  seen?: boolean;
}

export interface Wall {
  now: Time;
  watch: { leads: boolean; round: Time; lag: Time };
  lamps: WallLamp[];
  incidents: Incident[];
}

export interface Share {
  name: string;
  count: number;
  down?: Time;
}

export interface Quarter {
  from: Time;
  to: Time;
  incidents: number;
  down: Time;
  to_ack: Time;
  acked: number;
  to_end: Time;
  classes: Share[];
  services: Share[];
  again: Share[];
  overdue: { incident: string; task: Task }[];
  notices: Record<string, number>;
  false: number;
  useless: Share[];
  waiting: Record<string, number>;
  list: { id: string; title: string; opened: Time; down: Time; class?: string; status: string }[];
}

export interface Backtest {
  from: Time;
  to: Time;
  summary: string;
  threshold?: number;
  instances: number;
  notice_count: number;
  incident_count: number;
  change_count: number;
  firing: Time;
  notices: { at: Time; kind: string; title: string }[];
  incidents: Incident[];
}

export interface Budget {
  name: string;
  text: string;
  question: string;
  objective: number;
  total: number;
  good: number;
  left: number;
  burns: { window: string; rate: number; factor: number }[];
  error?: string;
}

export interface RuleChart {
  field: string;
  op?: string;
  threshold?: number;
  times: Time[];
  /** There may be more instances than series. */
  instances: number;
  series: { labels: Pair[]; values: (number | null)[]; limits?: (number | null)[]; fires: boolean[] }[];
}

export interface Evidence {
  before: { from: Time; to: Time };
  during: { from: Time; to: Time };
  of: string;
  lines: number;
  ids: { field: string; kind?: string; id: string; lines: number; usual: number }[];
  patterns: { service: string; pattern: string; example: string; before: number; after: number }[];
  notes: string[];
}

export interface Warned {
  lamp: string;
  rule: string;
  title: string;
  from: Time;
  to?: Time;
  times: number;
  known: boolean;
  put_off?: Time;
  put_off_by?: string;
}

export const ruleChart = (name: string, from: string, to?: string) => ask<RuleChart>(`rules/${encodeURIComponent(name)}/chart`, { from, to });
export const evidence = (id: string) => ask<Evidence>(`incidents/${encodeURIComponent(id)}/evidence`, {});
export const warnings = (since: string) => ask<{ warnings: Warned[] }>('warnings', { since });
export const slos = () => ask<{ slos: Budget[] }>('slos', {});
export const wall = () => ask<Wall>('wall', {});
export const rules = () => ask<{ rules: Rule[]; written: string[] }>('rules', {});
export const incident = (id: string) => ask<{ incident: Incident; down: Time; deploys: Deploy[]; classes: string[] }>(`incidents/${encodeURIComponent(id)}`, {});
export const act = (id: string, what: object) => send<Incident>(`incidents/${encodeURIComponent(id)}`, what);
export const putOff = (lamp: string, until: number, by: string) => send('lamps/put-off', { lamp, until: ns(until), by });
export const quarter = (at: string) => ask<Quarter>('quarter', { at });
export const backtest = (what: object) => send<Backtest>('backtest', what);
export const write = (name: string, rule: object) => send<Rule>(`rules/${encodeURIComponent(name)}`, rule, 'PUT');
export const erase = (name: string) => send(`rules/${encodeURIComponent(name)}`, undefined, 'DELETE');

/** keepLoading loads now and then again and again, until the function it gives is called. */
export function keepLoading(every: number, load: () => Promise<void>): () => void {
  void load();
  const timer = setInterval(() => void load(), every);
  return () => clearInterval(timer);
}

/** lately is how far back a chart of a rule begins when nobody said: some hundred evaluations. */
export const lately = (rule: Rule): string => (/^\d+s$/.test(rule.every) ? '-30m' : '-24h');

/** span writes a length of time as people say it: 45 s, 3 min, 2 h 5 min, 4 d. */
export function span(milliseconds: number): string {
  const s = Math.round(milliseconds / 1000);
  if (s < 60) return `${s} s`;
  const m = Math.round(s / 60);
  if (m < 60) return `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 48) return m % 60 ? `${h} h ${m % 60} min` : `${h} h`;
  return `${Math.round(h / 24)} d`;
}

const nameKey = 'plumbline.name';
/** me is the name under which this person acts. */
export const me = () => localStorage.getItem(nameKey) ?? '';
export const keepMe = (name: string) => localStorage.setItem(nameKey, name.trim());
