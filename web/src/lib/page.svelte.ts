// The state of the page: the question in force, its answer, and what the reader does with it.
import * as api from './api';
import { Fault, keyOf, type Answer, type Dataset, type Fields, type Histogram, type Language, type Row, type Value } from './api';
import { everything, read, write, type View, type Zone } from './address';
import { remember } from './history';
import { searchOf } from './lexer';
import { isSearch, withTerm, withoutTime, type Deed } from './question';
import { Tail } from './live.svelte';
import { after, rfc3339 } from './time';
import { plural, elapsed } from './format';

// A screen shows about forty lines: a thousand is plenty to scroll before the next are asked for.
const linesAtOnce = 1000;
// Tables are sorted on the page, so they should come whole; beyond this the reader is told.
const rowsAtOnce = 10_000;
// What a browser still holds and sorts without a pause worth mentioning.
export const rowsAtMost = 100_000;
// Twelve pixels a bucket on a wide screen still leaves a bar to hit with a pointer.
const buckets = 120;

export class Page {
  /** The text in the query bar; `q` is the question that was run. */
  draft = $state('');
  q = $state('');
  from = $state('-1h');
  to = $state('');
  zone = $state<Zone>('local');
  view = $state<View | undefined>();
  columns = $state.raw<string[]>([]);
  line = $state('');

  answer = $state.raw<Answer | undefined>();
  rows = $state.raw<Row[]>([]);
  fault = $state.raw<Fault | undefined>();
  running = $state(false);
  /** True while older lines are fetched below the ones shown. */
  fetching = $state(false);
  ended = $state(true);

  histogram = $state.raw<Histogram | undefined>();
  histogramFault = $state.raw<Fault | undefined>();
  fields = $state.raw<Fields | undefined>();
  fieldsFault = $state.raw<Fault | undefined>();
  language = $state.raw<Language>({ pipes: [], functions: [], aggregates: [] });
  datasets = $state.raw<Dataset[] | undefined>();

  /** What the status line says to those who do not see the page. */
  said = $state('');
  /** A short notice that passes by itself. */
  notice = $state('');
  wantsToken = $state(false);

  tail = new Tail(this);

  #asking: AbortController | undefined;
  #counting: AbortController | undefined;
  #noticed: ReturnType<typeof setTimeout> | undefined;

  kind = $derived(this.answer?.meta.kind);
  /** True when the answer may go on below the last line shown. */
  more = $derived(!this.ended && this.kind === 'lines');

  start(): void {
    this.zone = localStorage.getItem('plumbline.zone') === 'utc' ? 'utc' : 'local';
    addEventListener('popstate', () => this.load());
    this.load();
  }

  /** load takes the state from the address and asks. */
  load(): void {
    if (!this.language.pipes.length) void api.language().then((l) => (this.language = l)).catch((err) => this.denied(err));
    const a = read(location.search);
    this.draft = this.q = a.q;
    this.from = a.from;
    this.to = a.to;
    this.zone = a.zone ?? this.zone;
    this.view = a.view;
    this.columns = a.columns;
    this.line = a.line;
    this.tail.on = a.live;
    void this.ask();
  }

  address(): string {
    const { q, from, to, view, columns, line } = this;
    return write({ q, from, to, view, columns, line, zone: this.zone === 'utc' ? 'utc' : undefined, live: this.tail.on });
  }

  /** frozen is a link to what is on the screen now: a relative range becomes the one that was asked. */
  frozen(line?: Row): string {
    const meta = this.answer?.meta;
    const { q, view, columns } = this;
    const time = line ? Date.parse(String(line._time)) : NaN;
    // A line's link ends at the line, so that it stands on top whatever came later.
    const to = Number.isNaN(time) ? meta?.to || this.to : rfc3339(time + 1);
    const text = write({ q, view, columns, from: meta?.from || this.from, to, line: line ? keyOf(line) : '', zone: this.zone === 'utc' ? 'utc' : undefined, live: false });
    return location.origin + location.pathname + text;
  }

  keepAddress(): void {
    history.replaceState(history.state, '', this.address() || location.pathname);
  }

  /** run asks the question in the bar; a zoom is undone by going back. */
  run(zoom = false): void {
    this.q = this.draft = this.draft.trim();
    this.line = '';
    remember(this.q);
    const address = this.address() || location.pathname;
    if (address === location.pathname + location.search || address === location.search) history.replaceState(history.state, '', address);
    else history.pushState({ zoom }, '', address);
    void this.ask();
  }

  setRange(from: string, to: string, zoom = false): void {
    this.from = from;
    this.to = to;
    this.draft = withoutTime(this.draft);
    if (to) this.tail.on = false;
    this.run(zoom);
  }

  zoom(from: number, to: number): void {
    if (to > from) this.setRange(rfc3339(from), rfc3339(to), true);
  }

  zoomOut(): void {
    const asked = this.asked();
    const from = Date.parse(asked.from);
    const to = Date.parse(asked.to);
    if (Number.isNaN(from) || Number.isNaN(to)) return; // there is nothing beyond everything
    const half = Math.max((to - from) / 2, 500);
    this.zoom(from - half, Math.min(to + half, Math.max(Date.now(), to)));
  }

  undoZoom(): boolean {
    if (!history.state?.zoom) return false;
    history.back();
    return true;
  }

  narrow(deed: Deed, field: string, value: Value): void {
    this.draft = withTerm(this.draft, deed, field, value);
    this.run();
  }

  setZone(zone: Zone): void {
    this.zone = zone;
    localStorage.setItem('plumbline.zone', zone);
    this.keepAddress();
  }

  toggleColumn(name: string): void {
    this.columns = this.columns.includes(name) ? this.columns.filter((c) => c !== name) : [...this.columns, name];
    this.keepAddress();
  }

  /** range as the API takes it. */
  range(): { from: string; to: string } {
    return { from: this.from === everything ? '' : this.from, to: this.to };
  }

  /** asked is the range the answer stands for, with relative times resolved. */
  asked(): { from: string; to: string } {
    const meta = this.answer?.meta;
    return meta?.from ? { from: meta.from, to: meta.to ?? '' } : this.range();
  }

  /** ask runs the question in force; limit is the most rows to fetch at once. */
  async ask(limit = isSearch(this.q) ? linesAtOnce : rowsAtOnce): Promise<void> {
    this.#asking?.abort();
    this.tail.stop();
    const asking = (this.#asking = new AbortController());
    this.running = true;
    this.fault = undefined;
    void this.count();
    try {
      const answer = await api.query({ q: this.q || '*', ...this.range(), limit }, asking.signal);
      if (asking.signal.aborted) return;
      this.#show(answer, limit);
    } catch (err) {
      if (asking.signal.aborted) return;
      this.#failed(err);
    }
    this.running = false;
  }

  #show(answer: Answer, limit: number): void {
    this.answer = answer;
    this.rows = answer.rows;
    this.fields = undefined;
    this.ended = !isSearch(this.q) || answer.rows.length < limit;
    const { meta } = answer;
    this.said = `${plural(answer.rows.length, meta.kind === 'lines' ? 'line' : 'row')}${meta.elapsed_ms === undefined ? '' : ` in ${elapsed(meta.elapsed_ms)}`}`;
    if (answer.rows.length === 0) void this.#survey();
    if (this.tail.on) this.tail.start();
  }

  #failed(err: unknown): void {
    this.fault = err instanceof Fault ? err : new Fault(0, { message: String(err) });
    this.said = `Error: ${this.fault.message}`;
    this.denied(err);
  }

  denied(err: unknown): void {
    if (err instanceof Fault && err.status === 401) this.wantsToken = true;
  }

  /** stop gives up the question that is running. */
  stop(): void {
    this.#asking?.abort();
    this.#counting?.abort();
    this.running = false;
    this.said = 'Stopped.';
  }

  /** count asks for the histogram of the search part. */
  async count(): Promise<void> {
    this.#counting?.abort();
    const counting = (this.#counting = new AbortController());
    try {
      const answer = await api.histogram({ q: searchOf(this.q) || '*', ...this.range(), buckets }, counting.signal);
      if (counting.signal.aborted) return;
      this.histogram = answer;
      this.histogramFault = undefined;
    } catch (err) {
      if (counting.signal.aborted) return;
      this.histogram = undefined;
      this.histogramFault = err instanceof Fault ? err : new Fault(0, { message: String(err) });
    }
  }

  /** loadFields asks which fields the search finds; the sidebar does so once it is seen. */
  async loadFields(signal: AbortSignal): Promise<void> {
    try {
      const answer = await api.fields({ q: searchOf(this.q) || '*', ...this.asked() }, signal);
      this.fields = answer;
      this.fieldsFault = undefined;
    } catch (err) {
      if (!signal.aborted) this.fieldsFault = err instanceof Fault ? err : new Fault(0, { message: String(err) });
    }
  }

  /** older fetches the lines below the last one shown. */
  async older(): Promise<void> {
    const last = this.rows.at(-1);
    const asking = this.#asking;
    if (this.fetching || this.ended || !last || !asking) return;
    this.fetching = true;
    try {
      // The end is one nanosecond past the last line: its equals in time may not all have come.
      const answer = await api.query({ q: this.q || '*', from: this.answer?.meta.from, to: after(String(last._time)), limit: linesAtOnce }, asking.signal);
      const known = new Set(this.rows.map(keyOf));
      const fresh = answer.rows.filter((row) => !known.has(keyOf(row)));
      this.rows = [...this.rows, ...fresh];
      this.ended = fresh.length === 0 || answer.rows.length < linesAtOnce;
    } catch (err) {
      this.ended = true;
      if (!asking.signal.aborted) this.tell(err instanceof Error ? err.message : String(err));
    }
    this.fetching = false;
  }

  async #survey(): Promise<void> {
    this.datasets = undefined;
    this.datasets = (await api.datasets().catch(() => ({ datasets: [] }))).datasets ?? [];
  }

  tell(text: string): void {
    clearTimeout(this.#noticed);
    this.notice = text;
    this.#noticed = setTimeout(() => (this.notice = ''), 2500);
  }

  async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.tell(`Copied ${what}`);
    } catch {
      this.tell(copyByHand(text) ? `Copied ${what}` : 'The browser does not allow copying here.');
    }
  }
}

// Without TLS (plain http to another machine) browsers withhold the clipboard API.
function copyByHand(text: string): boolean {
  const box = document.createElement('textarea');
  box.value = text;
  box.className = 'unseen';
  document.body.append(box);
  box.select();
  const done = document.execCommand('copy');
  box.remove();
  return done;
}
