// The HTTP API as the page sees it: one function per path, one kind of error.

export type Value = string | number | bigint | boolean | null | Value[];
/** One flat row, named as in the question. */
export type Row = Record<string, Value>;

/** keyOf names a line for good: its dataset and its place in it. */
export const keyOf = (row: Row): string => `${row._dataset ?? ''}/${row._seq ?? ''}`;

export interface Read {
  groups: number;
  groups_total: number;
  columns: number;
  bytes: number;
  rows: number;
}

export interface Extent {
  from: string;
  to: string;
  rows: number;
}

export interface Meta {
  kind: 'lines' | 'table' | 'timechart';
  fields: string[];
  /** Missing where the range has no end. */
  from?: string;
  to?: string;
  rows: number;
  span_ms?: number;
  series_by?: string;
  partial?: boolean;
  truncated?: boolean;
  approximate?: boolean;
  notes?: string[];
  read?: Read;
  elapsed_ms?: number;
  extent?: Extent;
}

export interface Answer {
  rows: Row[];
  meta: Meta;
}

export interface Bucket {
  t: string;
  count: number;
  partial?: boolean;
}

export interface Histogram {
  from: string;
  to: string;
  span_ms: number;
  buckets: Bucket[];
  total: number;
}

export interface Counted {
  value: Value;
  count: number;
}

export interface Field {
  name: string;
  kind: string;
  count: number;
  /** Missing when there are very many. */
  distinct?: number;
  top: Counted[];
}

export interface Fields {
  rows: number;
  fields: Field[];
}

export interface Word {
  name: string;
  syntax?: string;
  summary?: string;
}

export interface Language {
  pipes: Word[];
  functions: Word[];
  aggregates: Word[];
}

export interface Dataset {
  name: string;
  rows: number;
  bytes: number;
  from: string;
  to: string;
}

export interface Context {
  before: Row[];
  row: Row;
  after: Row[];
}

export interface RelatedID {
  kind: string;
  id: string;
  /** Lines that hold it; of a hub there are more. */
  degree: number;
  first?: string;
  last?: string;
  distance: number;
  hub?: boolean;
}

export interface RelatedLine {
  row: Row;
  /** Places in the list of ids, ascending. */
  ids: number[];
}

export interface Related {
  question: string;
  ids: RelatedID[];
  /** Oldest first. */
  lines: RelatedLine[];
  missing: { id: number; since: string; due: string; state: 'missing' | 'late' | 'awaited'; text: string }[];
  meta: Meta;
}

/** A part of the server that takes lines or answers. */
export interface Component {
  name: string;
  ready: boolean;
  reason?: string;
}

/** What a question is asked with; empty texts are left out. */
export type Params = Record<string, string | number | undefined>;

/** Fault is an error the server (or the way to it) reports; line and column count from 1. */
export class Fault extends Error {
  code: string;
  line?: number;
  column?: number;
  hint?: string;
  status: number;

  constructor(status: number, body: { code?: string; message?: string; line?: number; column?: number; hint?: string }) {
    super(body.message || `The server answered ${status}.`);
    this.status = status;
    this.code = body.code ?? '';
    this.line = body.line;
    this.column = body.column;
    this.hint = body.hint;
  }
}

const tokenKey = 'plumbline.token';

export function token(): string {
  return sessionStorage.getItem(tokenKey) ?? '';
}

export function keepToken(text: string): void {
  if (text) sessionStorage.setItem(tokenKey, text);
  else sessionStorage.removeItem(tokenKey);
}

/** address of an API path with its parameters, relative to the page. */
export function address(path: string, params: Params = {}): string {
  const search = encode(params);
  return `api/v1/${path}${search ? `?${search}` : ''}`;
}

function encode(params: Params): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  return search.toString();
}

// Servers and proxies commonly refuse a request line above 8 KB.
const longestAddress = 6000;

/** open sends the request and returns the answer whose status is good; others throw a Fault. */
export async function open(path: string, params: Params, signal?: AbortSignal, accept = 'application/json'): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  if (token()) headers['Authorization'] = `Bearer ${token()}`;
  let url = address(path, params);
  let init: RequestInit = { headers, signal };
  if (path === 'query' && url.length > longestAddress) {
    url = address(path);
    headers['Content-Type'] = 'application/x-www-form-urlencoded';
    init = { headers, signal, method: 'POST', body: encode(params) };
  }
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Fault(0, { code: 'unreachable', message: 'The server does not answer.', hint: `Is Plumbline running at ${location.host}?` });
  }
  if (!response.ok) throw await fault(response);
  return response;
}

async function fault(response: Response): Promise<Fault> {
  const text = await response.text().catch(() => '');
  try {
    const body = JSON.parse(text);
    if (body?.error && typeof body.error === 'object') return new Fault(response.status, body.error);
  } catch {
    // not JSON: a proxy's page, most likely
  }
  return new Fault(response.status, { message: `The server answered ${response.status} ${response.statusText}.` });
}

/**
 * parse reads JSON without rounding whole numbers: what does not fit a double comes back as a bigint,
 * since a log line's id must be shown as it was written.
 */
export function parse(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
    const source = context?.source;
    if (typeof value === 'number' && source && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)) return BigInt(source);
    return value;
  } as (key: string, value: unknown) => unknown);
}

/** send hands an object to a path and gives its answer. */
export async function send<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Content-Type': 'application/json' };
  if (token()) headers['Authorization'] = `Bearer ${token()}`;
  let response: Response;
  try {
    response = await fetch(address(path), { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Fault(0, { code: 'unreachable', message: 'The server does not answer.' });
  }
  if (!response.ok) throw await fault(response);
  return parse(await response.text()) as T;
}

export async function ask<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
  const response = await open(path, params, signal);
  return parse(await response.text()) as T;
}

export const query = (params: Params, signal?: AbortSignal) => ask<Answer>('query', { ...params, format: 'json' }, signal);
export const histogram = (params: Params, signal?: AbortSignal) => ask<Histogram>('histogram', params, signal);
export const fields = (params: Params, signal?: AbortSignal) => ask<Fields>('fields', params, signal);
export const values = (params: Params, signal?: AbortSignal) =>
  ask<{ field: string; values: Counted[]; truncated: boolean }>('values', params, signal);
export const context = (params: Params, signal?: AbortSignal) => ask<Context>('context', params, signal);
export const related = (params: Params, signal?: AbortSignal) => ask<Related>('related', params, signal);
export const datasets = (signal?: AbortSignal) => ask<{ datasets: Dataset[] }>('datasets', {}, signal);
export const language = (signal?: AbortSignal) => ask<Language>('language', {}, signal);

/** health says how the server is; 503 is an answer here. */
export async function health(signal?: AbortSignal): Promise<{ components: Component[] }> {
  const response = await fetch('readyz', { signal });
  return (await response.json()) as { components: Component[] };
}
