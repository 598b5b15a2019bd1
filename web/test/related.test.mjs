// The page of related ids over a real server: PLUMBLINE_URL names a running one, PLUMBLINE a binary to start.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { serve } from './serve.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const run = `${process.pid}-${Date.now()}`;
const id = (text) => `${text}-${run}`;
const hour = 3600_000;
const start = Date.now() - 5 * hour;
const at = (ms) => new Date(start + ms).toISOString();

/** flow is a message, its way to the operator, and the report that comes two hours later under another id. */
const flow = [
  { _time: at(0), _msg: 'Message accepted', _dataset: 'app', message_id: id('m1'), bulk_id: id('b1'), trace_id: id('t1'), service: run },
  { _time: at(20), _msg: 'Message accepted', message_id: id('m2'), bulk_id: id('b1'), service: run },
  { _time: at(900), _msg: 'Message sent', message_id: id('m1'), operator_id: id('o1'), service: run },
  { _time: at(2 * hour), _msg: 'Delivery report received', operator_id: id('o1'), report_id: id('r1'), service: run },
  { _time: at(2 * hour + 5), _msg: '<img src=x onerror="window.broken=1">', report_id: id('r1'), service: run },
];

/** crowd is one bulk of 1,000 messages with a report each: 2,001 ids. */
const crowd = Array.from({ length: 1000 }, (_, i) => [
  { _time: at(3 * hour + i), _msg: 'Message accepted', bulk_id: id('big'), message_id: id(`c${i}`), service: run },
  { _time: at(4 * hour + i), _msg: 'Delivery report received', message_id: id(`c${i}`), report_id: id(`cr${i}`), service: run },
]).flat();

let browser;
let server;

async function visit(path, act, options = {}) {
  const { page, wrong, close } = await open(browser, `${server.url}${path}`, options);
  try {
    await page.waitForFunction(() => !/^(Asking …)?$/.test(document.querySelector('[role=status]')?.textContent ?? ''), { timeout: 30_000 });
    await act(page);
    assert.deepEqual(wrong, []);
  } finally {
    await close();
  }
}

const related = (text, more = '') => `related?id=${encodeURIComponent(id(text))}${more}`;
const node = (page, name) => page.locator('g.node').filter({ hasText: name }).first();

if (process.env.PLUMBLINE_URL || process.env.PLUMBLINE) {
  before(async () => {
    browser = await launch();
    server = await serve();
    await server.ingest([...flow.map(({ _dataset, ...row }) => row), ...crowd]);
  });

  after(async () => {
    await browser.close();
    await server.stop();
  });

  test("from a customer's message to the operator's late report in two clicks", () =>
    visit(`?q=${encodeURIComponent(`message_id=${id('m1')}`)}&from=-24h`, async (page) => {
      await page.locator('.line .opener').last().click();
      await page.getByRole('link', { name: /^Related to this / }).click();
      await page.locator('g.node').first().waitFor();
      await node(page, 'r1-').waitFor();
      assert.match(await page.locator('.story').innerText(), /2 h later[\s\S]*Delivery report received/);
      assert.equal(await page.evaluate(() => window.broken), undefined);
    }));

  test('earlier ids stand to the left; a click shows the lines of an id', () =>
    visit(related('o1'), async (page) => {
      const x = async (name) => (await node(page, name).boundingBox()).x;
      assert.ok((await x('m1-')) < (await x('o1-')) && (await x('o1-')) < (await x('r1-')));
      assert.equal(await page.locator('.story li .step').count(), 5);
      await node(page, 'r1-').click();
      assert.equal(await page.locator('.story li .step').count(), 2);
      await page.getByRole('button', { name: 'All lines' }).click();
      await page.locator('.story .step').filter({ hasText: 'Message sent' }).click();
      assert.match(await page.locator('.story dl').innerText(), new RegExp(`operator_id\\s+${id('o1')}`));
    }));

  test('the keyboard goes from node to node', () =>
    visit(related('m1'), async (page) => {
      await page.locator('g.node[tabindex="0"]').focus();
      await page.keyboard.press('ArrowRight');
      const name = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
      assert.match(name, /^o1-/);
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-pressed')), 'true');
    }));

  test('kinds of units of work are drawn when asked for', () =>
    visit(related('m1'), async (page) => {
      assert.equal(await node(page, 't1-').count(), 0);
      await page.getByRole('button', { name: 'trace_id' }).click();
      await node(page, 't1-').waitFor();
    }));

  test('the address holds what is shown, and back goes back', () =>
    visit(related('m1'), async (page) => {
      await page.getByLabel('Hops', { exact: true }).selectOption('1');
      await page.waitForFunction(() => document.querySelector('.strip').textContent.includes('more is related beyond 1 hops'));
      assert.match(page.url(), /depth=1/);
      await page.goBack();
      await page.waitForFunction(() => !document.querySelector('.strip').textContent.includes('beyond'));
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Lines', exact: true }).click()]);
      const chunks = [];
      for await (const c of await download.createReadStream()) chunks.push(c);
      assert.equal(Buffer.concat(chunks).toString().trim().split('\n').length, 5);
    }));

  test('2,000 ids: folded, opened, and each of them reached', () =>
    visit(related('big', '&max=3000'), async (page) => {
      assert.match(await page.locator('.strip').innerText(), /2,001 ids in 2,000 lines/);
      const fold = page.locator('g.fold');
      assert.match(await fold.getAttribute('aria-label'), /^1,000 × message_id/);
      await fold.click();
      await page.waitForFunction(() => document.querySelectorAll('g.node').length === 50);
      assert.ok((await page.locator('.story li').count()) < 100, 'only what is seen stands in the document');
    }));

  test('an id that no line holds, and none', async () => {
    await visit(related('nobody'), async (page) => assert.match(await page.locator('.empty').innerText(), /No line holds this id/));
    const { page, close } = await open(browser, `${server.url}related`);
    await page.locator('.empty').waitFor();
    await close();
  });

  for (const scheme of ['light', 'dark']) {
    test(`axe finds nothing, ${scheme}`, () =>
      visit(
        related('m1'),
        async (page) => {
          await page.evaluate(await (await import('node:fs/promises')).readFile(axe, 'utf8'));
          const found = await page.evaluate(() => window.axe.run());
          assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`), []);
        },
        { scheme },
      ));
  }
}
