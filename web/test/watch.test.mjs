// Through a whole incident of the demo in a real browser: from the first lamp to the quarter's page.
// PLUMBLINE names the binary to start.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { hostile } from './mock.mjs';

const { PLUMBLINE, PICTURES } = process.env;
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let browser;
let url;
let demo;
let ended;

const free = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

// A machine with other work makes charges slow by itself, for as long as it has it.
async function until(what, check) {
  for (let n = 0; n < 1500; n++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`five minutes have passed: ${what}`);
}

async function visit(path, act, options) {
  const { page, wrong, close } = await open(browser, url + path, options);
  try {
    await page.waitForFunction(() => !/^(Asking …)?$/.test(document.querySelector('[role=status]')?.textContent ?? ''));
    await act(page);
    assert.deepEqual(wrong, []);
    assert.equal(await page.evaluate(() => window.broken), undefined);
  } finally {
    await close();
  }
}

const get = async (path) => (await fetch(`${url}api/v1/${path}`)).json();
const post = (path, body, method = 'POST') => fetch(`${url}api/v1/${path}`, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });
const picture = async (page, name) => PICTURES && page.screenshot({ path: `${PICTURES}/${name}.png` });

if (PLUMBLINE) {
  before(async () => {
    browser = await launch();
    const port = await free();
    url = `http://127.0.0.1:${port}/`;
    demo = spawn(PLUMBLINE, ['demo', '--listen', `127.0.0.1:${port}`, '--fault-after', '10s', '--rate', '20'], { stdio: ['ignore', 'ignore', 'inherit'] });
    ended = new Promise((resolve) => demo.once('exit', resolve));
    await until('the demo answers', async () => (await fetch(`${url}readyz`).catch(() => undefined))?.ok);
    // A rule whose lamps carry what hostile lines bring along.
    await post('rules/hostile', { question: '_msg=hostile | stats count by what', severity: 'critical', every: '1s', over: '5m', delay: '1s', summary: '{{what}}' }, 'PUT');
    await post('ingest/jsonl', hostile.map((what) => JSON.stringify({ _msg: 'hostile', what })).join('\n'));
  });

  after(async () => {
    await browser.close();
    demo.kill('SIGINT');
    await ended;
  });

  test('an incident from its first lamp to the quarter', { timeout: 700_000 }, async () => {
    const burning = async () => (await get('wall')).lamps.some((l) => l.rule.name === 'charges-slow' && l.status === 'firing');
    await until('charges are slow', burning);
    await visit('wall', async (page) => {
      await page.getByRole('button', { name: /charges-slow/ }).click();
      await page.getByText('customers wait, and leave').waitFor();
      await picture(page, 'wall');
      await page.locator('a.incident').first().click();
      await page.getByLabel('I am').fill('Ann');
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText(/acknowledged by Ann/).waitFor();
      await page.getByText('Its rules end it, nobody else.').waitFor();
      assert.equal(await page.getByRole('button', { name: /That was it|^Done$/ }).count(), 0);
      await picture(page, 'incident');
    });
    // One customer's requests fail after that: a warning, which is new since yesterday and waits for a day.
    const failing = async () => (await get('warnings')).warnings.some((w) => w.rule === 'customer-fails' && !w.to);
    await until('requests of one customer fail', failing);
    await visit('wall', async (page) => {
      const warning = page.getByRole('region', { name: 'Warnings since yesterday' }).locator('li', { hasText: 'requests of usr_' }).first();
      await warning.getByRole('button', { name: 'Put off' }).click();
      await page.getByLabel('I am').fill('Ann');
      await page.getByRole('button', { name: 'Put it off' }).click();
      await warning.getByText(/put off to \d{4}-\d\d-\d\d by Ann/).waitFor();
    });
    await until('the release that came with it is known', async () => (await get('deploys')).deploys.some((d) => d.release === '5.2.0'));
    await visit(`?from=-15m&q=${encodeURIComponent('canonical-log-line http_status=5*')}`, async (page) => {
      await page.getByRole('button', { name: /^Deploy: .*cardnet 5\.2\.0/ }).first().click();
      await page.getByRole('dialog').getByRole('cell', { name: 'slower' }).first().waitFor();
      await picture(page, 'deploy');
      await page.getByRole('link', { name: 'All deploys' }).click();
      await page.getByRole('heading', { name: 'cardnet 5.2.0' }).waitFor();
    });
    // The hostile lines leave the rule's five minutes late; the rule is taken away, which ends its alerts.
    await fetch(`${url}api/v1/rules/hostile`, { method: 'DELETE' });
    const first = (await get('incidents')).incidents.at(-1).id;
    await until('it has ended by itself', async () => (await get(`incidents/${first}`)).incident.status === 'needs cause');
    await visit(`incident?id=${first}`, async (page) => {
      await page.getByRole('figure', { name: 'charges-slow over time' }).scrollIntoViewIfNeeded();
      await page.getByRole('region', { name: 'What its rules measured' }).getByRole('img', { name: /^p95 > 0\.25: .*true at/ }).first().waitFor();
      await page.getByRole('region', { name: 'Ids in common' }).getByRole('link', { name: /^usr_/ }).first().waitFor();
      await page.getByRole('region', { name: 'Messages that changed' }).getByRole('link', { name: /Card network failed/ }).waitFor();
      await page.getByRole('region', { name: 'Deploys near it' }).getByRole('link', { name: 'cardnet 5.2.0' }).waitFor();
      await picture(page, 'evidence');
      await page.getByLabel('I am').fill('Ann');
      await page.getByLabel('What was the cause?').fill('the card network was slow <b>');
      await page.getByRole('button', { name: 'That was it' }).click();
      await page.getByRole('button', { name: 'dependency' }).click();
      await page.getByLabel('Task', { exact: true }).fill('a shorter time limit');
      await page.getByLabel('Owner').fill('Bob');
      await page.getByLabel('Due').fill('2026-01-31');
      await page.getByRole('button', { name: 'Add task' }).click();
      await page.getByText('Bob, due 2026-01-31').waitFor();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.locator('.life .now', { hasText: 'done' }).waitFor();
      await picture(page, 'done');
    });
    await visit('quarter', async (page) => {
      await page.getByRole('cell', { name: 'dependency' }).first().waitFor();
      await page.getByText('a shorter time limit').waitFor(); // it is overdue
      await picture(page, 'quarter');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.locator('html[data-theme=light]').waitFor({ state: 'attached' }); // paper is
    });
  });

  test('a backtest, its slider, and a rule that is driven from now on', async () => {
    await visit('rules', async (page) => {
      const all = page.getByRole('region', { name: 'All rules and their thresholds' });
      await all.scrollIntoViewIfNeeded();
      await all.getByRole('img', { name: /^p95 > 0\.25/ }).first().waitFor();
      await page.getByLabel('Name').fill('often');
      await page.getByLabel('Question, with its condition at the end').fill('canonical-log-line | stats count by http_route | where count > 20');
      await page.getByLabel('every').fill('5s');
      await page.getByLabel('over', { exact: true }).fill('5s');
      await page.getByLabel('over the last').selectOption('-15m');
      await page.getByRole('button', { name: 'Backtest' }).click();
      await page.locator('.big', { hasText: /\d+ notices, \d+ incidents, .* firing/ }).waitFor();
      await page.getByLabel(/Threshold/).fill('5');
      await page.getByText('Threshold 5').waitFor();
      await picture(page, 'backtest');
      await page.getByRole('button', { name: 'Drive this rule' }).click();
      await until('it is driven', async () => (await get('rules')).rules.some((r) => r.name === 'often' && r.question.endsWith('count > 5')));
      await page.getByRole('status').filter({ hasText: 'is driven from now on' }).waitFor({ state: 'attached' });
      await page.getByRole('button', { name: 'Erase' }).click();
      await page.getByRole('status').filter({ hasText: 'is erased' }).waitFor({ state: 'attached' });
      assert(!(await get('rules')).rules.some((r) => r.name === 'often'));
      assert.equal(await page.getByRole('button', { name: 'Erase' }).count(), 0);
      // Erased by mistake: the form holds the rule that was, not what was typed since.
      await page.getByRole('button', { name: 'Drive this rule' }).click();
      await until('it is back', async () => (await get('rules')).rules.some((r) => r.name === 'often' && r.question.endsWith('count > 5') && r.every === '5s'));
      await page.getByLabel('every').fill('7m');
      await page.getByRole('button', { name: 'Erase' }).click();
      await page.getByRole('status').filter({ hasText: 'is erased' }).waitFor({ state: 'attached' });
      assert.equal(await page.getByLabel('every').inputValue(), '5s');
      await page.getByLabel('Question, with its condition at the end').fill('x | stat count');
      await page.getByRole('button', { name: 'Backtest' }).click();
      await page.getByRole('alert').filter({ hasText: 'there is no pipe' }).waitFor();
    });
  });

  for (const path of ['wall', 'incident', 'slos', 'deploys', 'quarter', 'rules']) {
    for (const scheme of ['light', 'dark']) {
      test(`axe finds nothing: ${path}, ${scheme}`, async () => {
        const id = (await get('incidents')).incidents[0]?.id ?? '';
        await visit(path === 'incident' ? `incident?id=${id}` : path, async (page) => {
          await page.waitForTimeout(300);
          await page.evaluate(await readFile(axe, 'utf8'));
          const found = await page.evaluate(() => axe.run());
          assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), []);
        }, { scheme });
      });
    }
  }
}
