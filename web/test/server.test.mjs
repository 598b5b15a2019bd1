// The page over a real server: PLUMBLINE_URL names a running one, PLUMBLINE a binary to start.
// Lines go in under a service name of their own, so that others on that server do not matter.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { corpus, hostile } from './mock.mjs';
import { serve } from './serve.mjs';

const { PLUMBLINE_URL, PLUMBLINE } = process.env;
const service = `page-test-${process.pid}-${Date.now()}`;
const lines = 3000;

let browser;
let url;
let stop;
let ingest;

/** own rows: the mock's lines of the last hour under this run's service name; the server gives _seq and _dataset. */
const own = () => corpus(lines, Date.now() - 1000, 3000_000).map(({ _seq, _dataset, service: was, ...row }) => ({ ...row, service, part: was }));

async function visit(q, act, more = '') {
  const { page, wrong, close } = await open(browser, `${url}?q=${encodeURIComponent(q)}${more}`);
  try {
    await settled(page);
    await act(page);
    assert.deepEqual(wrong, []);
  } finally {
    await close();
  }
}

const settled = (page) => page.waitForFunction(() => !/^(Asking …)?$/.test(document.querySelector('[role=status]').textContent), { timeout: 30_000 });

if (PLUMBLINE_URL || PLUMBLINE) {
  before(async () => {
    browser = await launch();
    ({ url, stop, ingest } = await serve());
    await ingest(own());
  });

  after(async () => {
    await browser.close();
    await stop();
  });

  test('lines, their number, their histogram and their fields', () =>
    visit(`service=${service}`, async (page) => {
      assert.match(await page.locator('.meta').innerText(), /^1,000 of 3,000 lines\s+[\d.]+ m?s\s+read \d+ of \d+ row groups?, \d+ columns?, /);
      assert.match(await page.locator('.histogram figcaption').innerText(), /^3,000 lines/);
      const times = await page.locator('.line .time').allInnerTexts();
      assert.deepEqual(times, [...times].sort().reverse());
      await page.locator('aside .head').filter({ hasText: 'http_path' }).click();
      await page.locator('aside .value').filter({ hasText: '/v1/charges' }).waitFor();
    }));

  test('hostile lines come back as they went in', () =>
    visit(`service=${service} part=import`, async (page) => {
      const shown = (await page.locator('.line .msg').allInnerTexts()).join('\n');
      assert.ok(shown.includes(hostile[0]));
      assert.equal(await page.evaluate(() => window.broken), undefined);
      await page.locator('.line .opener').first().click();
      await page.locator('.detail .pair').filter({ hasText: 'odd name' }).getByTitle('Include').click();
      await settled(page);
      assert.ok((await page.locator('.line').count()) > 0);
    }));

  test('whole numbers beyond 2^53 are not rounded', () =>
    visit(`service=${service} canonical-log-line`, async (page) => {
      await page.locator('.line .opener').first().click();
      assert.equal(await page.locator('.detail .pair').filter({ hasText: 'big_id' }).locator('.value').innerText(), '9007199254740993');
    }));

  test('surrounding lines', () =>
    visit(`service=${service} canonical-log-line`, async (page) => {
      await page.locator('.line .opener').nth(12).click();
      await page.getByRole('button', { name: 'Surrounding lines' }).click();
      const around = page.locator('section[aria-label="Surrounding lines"] li');
      await around.first().waitFor();
      assert.ok((await around.count()) > 30);
    }));

  test('a table and a chart', () =>
    visit(`service=${service} canonical-log-line | stats count p99(duration) by http_path | sort -count`, async (page) => {
      const counts = (await page.locator('tbody tr td:nth-child(2)').allInnerTexts()).map((t) => Number(t.replace(/,/g, '')));
      assert.deepEqual([counts.length, counts.reduce((a, b) => a + b, 0)], [4, corpus(lines, 0, 1).filter((r) => r._msg === 'canonical-log-line').length]);
      await page.getByLabel('Question', { exact: true }).fill(`service=${service} canonical-log-line | timechart count by http_status`);
      await page.keyboard.press('Enter');
      await page.locator('.u-over').waitFor();
      assert.match(await page.locator('figcaption').innerText(), /503/);
    }));

  test('an error points at its column', () =>
    visit(`service=${service} | statz count`, async (page) => {
      assert.match(await page.getByRole('alert').innerText(), /line 1, column \d+[\s\S]*stats/);
      assert.equal(await page.locator('.ink .bad').innerText(), 'statz');
    }));

  test('completion knows the language and the values', () =>
    visit(`service=${service}`, async (page) => {
      const box = page.getByLabel('Question', { exact: true });
      const first = page.getByRole('option').first();
      await box.press('End');
      await box.pressSequentially(' part=wor');
      await page.getByRole('option').filter({ hasText: 'worker' }).waitFor();
      await page.keyboard.press('Tab');
      await box.pressSequentially(' | timec');
      await first.filter({ hasText: 'timechart' }).waitFor();
    }));

  test('live tail', () =>
    visit(`service=${service}`, async (page) => {
      await page.keyboard.press('l');
      await page.locator('.lamp.lit').waitFor();
      await ingest([{ _time: new Date().toISOString(), _msg: 'stored just now', service }]);
      await page.locator('.line').first().filter({ hasText: 'stored just now' }).waitFor();
    }));

  test('nothing in this time leads to where the lines are', () =>
    visit(`service=${service}`, async (page) => {
      await page.locator('.empty').waitFor();
      await page.getByRole('button', { name: /Go there|everything/ }).first().click();
      await page.locator('.line').first().waitFor();
    }, '&from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z'));
}
