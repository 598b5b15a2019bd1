// The page in a real browser, over the mock server.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';
import { hostile, Mock } from './mock.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const end = Date.parse('2026-11-21T12:00:20Z');

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser.close());

/** visit opens the page over a mock and hands both to `act`; nothing may be reported wrong. */
async function visit({ address = '', options = {}, mock = new Mock({ end }) }, act) {
  const url = await mock.listen();
  const { page, wrong, close } = await open(browser, url + address, options);
  try {
    await settled(page);
    await act(page, mock);
    assert.deepEqual(wrong, []);
  } finally {
    await close();
    mock.close();
  }
}

const settled = (page) => page.waitForFunction(() => !/^(Asking …)?$/.test(document.querySelector('[role=status]').textContent));
const q = (text, more = '') => `/?q=${encodeURIComponent(text)}${more}`;
const asked = (mock, name) => mock.asked.filter((a) => a.name === name).at(-1);

async function ask(page, text) {
  await page.getByLabel('Question', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
  await settled(page);
}

/** until waits, some ten seconds, for what the page does by itself. */
async function until(check) {
  for (const end = Date.now() + 10_000; ; ) {
    try {
      return await check();
    } catch (err) {
      if (Date.now() > end) throw err;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test('the first view shows the last hour, newest first, and says what was read', () =>
  visit({}, async (page, mock) => {
    assert.equal(asked(mock, 'query').from, '-1h');
    assert.match(await page.locator('.meta').innerText(), /1,000 of 3,\d+ lines\s+12 ms\s+read 3 of 812 row groups, 4 columns, 1.2 MB/);
    const times = await page.locator('.line .time').allInnerTexts();
    assert.ok(times.length > 20 && times.length < 100, `${times.length} rows in the document`);
    assert.deepEqual(times, [...times].sort().reverse());
    assert.match(await page.locator('.histogram figcaption').innerText(), /3,\d+ lines\s*30 s per bar/);
    assert.equal(await page.locator('.histogram .bar.partial').count(), 1);
  }));

test('a server that cannot do all its work says so on its page, until it can', () => {
  const mock = new Mock({ end });
  mock.components = [{ name: 'wal', ready: true }, { name: 'disk', ready: false, reason: 'the disk has 12 MB left; make room <b>' }];
  return visit({ mock }, async (page) => {
    const said = page.getByRole('alert');
    assert.equal(await said.innerText(), "The server's disk is not ready: the disk has 12 MB left; make room <b>");
    mock.components = [];
    await said.waitFor({ state: 'detached' });
  });
});

test('hostile lines are text and nothing else', () =>
  visit({ address: q('service=import') }, async (page) => {
    const shown = (await page.locator('.line .msg').allInnerTexts()).join('\n');
    assert.ok(shown.includes(hostile[0]));
    assert.ok(shown.includes('colour red, bell ␇, back ␈, reversed ⟨202E⟩txt.exe'));
    assert.match(shown, /Traceback \(most recent call last\):\+3 lines/);
    await page.locator('.line').filter({ hasText: '<img' }).first().locator('.opener').click();
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.equal(await page.locator('main img').count(), 0);
  }));

test('a line opens, and each value includes, excludes, stands alone and is copied', () =>
  visit({ address: q('canonical-log-line') }, async (page, mock) => {
    await page.locator('.line .msg').first().click();
    const pair = page.locator('.detail .pair').filter({ hasText: 'http_method' });
    assert.equal(await page.locator('.detail .pair').filter({ hasText: 'big_id' }).locator('.value').innerText(), '9007199254740993');
    assert.equal(await pair.locator('.kind').innerText(), 'text');
    const method = await pair.locator('.value').innerText();
    await pair.getByTitle('Copy the value').click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), method);
    await page.getByRole('button', { name: 'JSON' }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^\{"_time":".*"big_id":9007199254740993/);
    await page.getByRole('button', { name: 'curl' }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^curl -G 'http:/);
    await pair.getByTitle('Exclude').click();
    await until(() => assert.equal(asked(mock, 'query').q, `canonical-log-line NOT http_method=${method}`));
    await page.locator('.line .msg').first().click();
    await page.locator('.detail .pair').filter({ hasText: 'service' }).getByTitle('Only this').click();
    await until(() => assert.equal(asked(mock, 'query').q, 'service=api'));
  }));

test('marking text does not open a line', () =>
  visit({}, async (page) => {
    const msg = await page.locator('.line .msg').nth(3).boundingBox();
    await page.mouse.move(msg.x + 2, msg.y + 11);
    await page.mouse.down();
    await page.mouse.move(msg.x + 90, msg.y + 11);
    await page.mouse.up();
    assert.notEqual(await page.evaluate(() => getSelection().toString()), '');
    assert.equal(await page.locator('.detail').count(), 0);
  }));

test('keys walk, open, show the surroundings and close', () =>
  visit({ address: q('service=worker') }, async (page) => {
    for (const key of ['j', 'j', 'k', 'j', 'o']) await page.keyboard.press(key);
    assert.equal(await page.locator('.line.current').getAttribute('data-index'), '1');
    assert.equal(await page.locator('.line.open').count(), 1);
    await page.keyboard.press('c');
    await page.locator('section[aria-label="Surrounding lines"] li').first().waitFor();
    const around = page.locator('section[aria-label="Surrounding lines"]');
    assert.equal(await around.locator('.here').evaluate((el) => [...el.parentNode.children].indexOf(el)), 20);
    const times = await around.locator('li .time').allInnerTexts();
    assert.deepEqual(times, [...times].sort());
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.line.open').count(), 0);
    await page.keyboard.press('?');
    assert.ok(await page.getByRole('dialog').isVisible());
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    assert.ok(await page.getByLabel('Question', { exact: true }).evaluate((el) => el === document.activeElement));
  }));

test('scrolling fetches older lines without gap or repeat', () =>
  visit({}, async (page, mock) => {
    const scroller = page.getByLabel('Lines, newest first');
    for (let i = 0; i < 3; i++) {
      const before = mock.asked.length;
      await scroller.evaluate((el) => (el.scrollTop = el.scrollHeight));
      await until(() => assert.ok(mock.asked.length > before));
      await page.waitForTimeout(100);
    }
    await until(async () => assert.match(await page.locator('.meta').innerText(), /^3,\d+ lines/));
    assert.equal(await page.locator('.meta strong').innerText(), await page.locator('.histogram figcaption').innerText().then((t) => t.split(' lines')[0] + ' lines'));
    await scroller.evaluate((el) => (el.scrollTop = el.scrollHeight));
    await until(async () => assert.equal(Number(await page.locator('.line').last().getAttribute('aria-rowindex')), Number((await page.locator('.meta strong').innerText()).replace(/\D/g, '')) + 1));
  }));

test('dragging and clicking the histogram narrow the time; Esc and back undo', () =>
  visit({}, async (page, mock) => {
    const box = await page.locator('.reach').boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 30, { steps: 4 });
    assert.match(await page.locator('.reading').innerText(), /: \d+ lines/);
    await page.mouse.up();
    await until(() => assert.match(asked(mock, 'query').from, /^2026-11-21T11:15:/));
    assert.match(asked(mock, 'query').to, /^2026-11-21T11:3[01]:/);
    await settled(page);
    await page.locator('.reach').click({ position: { x: 200, y: 20 } });
    await until(() => assert.match(page.url(), /from=2026-11-21T11%3A1[5-9]/));
    await settled(page);
    await page.locator('.histogram figcaption').click();
    await page.keyboard.press('Escape');
    await until(() => assert.match(page.url(), /from=2026-11-21T11%3A15.*to=2026-11-21T11%3A3/));
    await page.goBack();
    await until(() => assert.equal(asked(mock, 'query').from, '-1h'));
  }));

test('the histogram is reached by keys', () =>
  visit({}, async (page, mock) => {
    await page.locator('.reach').focus();
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft']) await page.keyboard.press(key);
    assert.match(await page.locator('.reading').innerText(), /lines$/);
    await page.keyboard.press('Enter');
    await until(() => assert.equal(Date.parse(asked(mock, 'query').to) - Date.parse(asked(mock, 'query').from), 90_000));
  }));

test('time: presets, a pasted moment, absolute, UTC, and what cannot be read', () =>
  visit({}, async (page, mock) => {
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Everything' }).click();
    await until(() => assert.equal(asked(mock, 'query').from, undefined));
    await page.keyboard.press('u');
    await page.keyboard.press('t');
    await page.getByLabel('Go to a time').fill('whenever');
    await page.keyboard.press('Enter');
    assert.match(await page.locator('.wrong').innerText(), /does not read as a time/);
    await page.getByLabel('Go to a time').fill('[2026-11-21 11:30:00.000]');
    await page.keyboard.press('Enter');
    await until(() => assert.deepEqual([asked(mock, 'query').from, asked(mock, 'query').to], ['2026-11-21T11:25:00.000Z', '2026-11-21T11:35:00.000Z']));
    assert.match(await page.locator('.ask').innerText(), /2026-11-21 11:25 – 11:35/);
    await page.keyboard.press('u');
    assert.match(await page.locator('.ask').innerText(), /2026-11-21 12:25 – 12:35/);
    await page.keyboard.press('t');
    await page.getByLabel('From').fill('10:00');
    await page.getByLabel('To', { exact: true }).fill('now');
    await page.getByRole('button', { name: 'Apply' }).click();
    await until(() => assert.match(asked(mock, 'query').from, /T09:00:00.000Z$/));
    assert.equal(asked(mock, 'query').to, undefined);
  }));

test('completion offers pipes, aggregates, fields and values', () =>
  visit({}, async (page, mock) => {
    const box = page.getByLabel('Question', { exact: true });
    const choices = page.getByRole('option');
    await page.locator('aside .head').first().waitFor();
    await box.pressSequentially('serv');
    await until(async () => assert.match(await choices.first().innerText(), /^service/));
    await page.keyboard.press('Tab');
    await until(async () => assert.equal(await box.inputValue(), 'service='));
    await until(async () => assert.ok((await choices.allInnerTexts()).some((t) => /^worker/.test(t))));
    await box.pressSequentially('wo');
    await until(async () => assert.match(await choices.first().innerText(), /^worker/));
    await until(() => assert.equal(asked(mock, 'values').prefix, 'wo'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await box.inputValue(), 'service=worker');
    await box.pressSequentially(' | st');
    await until(async () => assert.match(await choices.first().innerText(), /^stats/));
    await page.keyboard.press('Tab');
    await box.pressSequentially('co');
    await until(async () => assert.match(await choices.first().innerText(), /^count/));
    await page.keyboard.press('Tab');
    await box.pressSequentially(' by ser');
    await until(async () => assert.match(await choices.first().innerText(), /^service/));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until(() => assert.equal(asked(mock, 'query').q, 'service=worker | stats count by service'));
    await page.getByRole('button', { name: 'Questions asked before' }).click();
    await until(async () => assert.match(await choices.first().innerText(), /service=worker/));
  }));

test('typing is faster than drawing: a choice and what follows it stand in their order', () =>
  visit({}, async (page) => {
    const box = page.getByLabel('Question', { exact: true });
    await box.pressSequentially('service=worker | st');
    await until(async () => assert.match(await page.getByRole('option').first().innerText(), /^stats/));
    await box.evaluate((box) => {
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab', bubbles: true, cancelable: true }));
      document.execCommand('insertText', false, 'co');
    });
    await until(async () => assert.match(await page.getByRole('option').first().innerText(), /^count/));
    await box.pressSequentially('u');
    assert.equal(await box.inputValue(), 'service=worker | stats cou');
  }));

test('what was offered at one place is not taken at another', () =>
  visit({}, async (page) => {
    const box = page.getByLabel('Question', { exact: true });
    await box.pressSequentially('service=worker | st');
    await until(async () => assert.match(await page.getByRole('option').first().innerText(), /^stats/));
    await box.evaluate((box) => {
      box.setSelectionRange(14, 14);
      document.execCommand('insertText', false, 's');
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab', bubbles: true, cancelable: true }));
    });
    assert.equal(await box.inputValue(), 'service=workers | st');
  }));

test('Shift-Enter starts a line; examples stand in the empty bar', () =>
  visit({}, async (page, mock) => {
    await page.keyboard.press('/');
    await until(async () => assert.ok((await page.getByRole('option').count()) >= 4));
    await page.keyboard.type('service=api');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('| head 3');
    await page.keyboard.press('Control+Enter');
    await until(() => assert.equal(asked(mock, 'query').q, 'service=api\n| head 3'));
    await settled(page);
    assert.equal(await page.locator('.line').count(), 3);
  }));

test('an error is underlined where it stands, with its hint, and the answer before stays', () =>
  visit({ address: q('service=api') }, async (page) => {
    await ask(page, 'service=api\n| head 5 | statz count');
    assert.match(await page.getByRole('alert').innerText(), /line 2, column 12\s*there is no pipe “statz”\s*did you mean stats\?/);
    assert.equal(await page.locator('.ink .bad').innerText(), 'statz');
    assert.ok((await page.locator('.line').count()) > 10);
    await ask(page, 'service=api | head 5');
    assert.equal(await page.getByRole('alert').count(), 0);
  }));

test('tables sort, align and show what is approximate', () =>
  visit({ address: q('canonical-log-line | stats count p50(duration) p99(duration) by http_path | sort -count') }, async (page) => {
    const column = (i) => page.locator(`tbody tr td:nth-child(${i})`).allInnerTexts();
    const counts = (await column(2)).map(Number);
    assert.deepEqual(counts, [...counts].sort((a, b) => b - a));
    await page.locator('th').getByRole('button', { name: 'http_path' }).click();
    assert.deepEqual(await column(1), ['/v1/balance', '/v1/charges', '/v1/messages', '/v1/refunds']);
    assert.equal(await page.locator('th').first().getAttribute('aria-sort'), 'ascending');
    assert.equal(await page.locator('tbody td').nth(1).evaluate((el) => getComputedStyle(el).textAlign), 'right');
    await ask(page, '* | patterns');
    assert.match(await page.locator('.meta').innerText(), /approximate\s+counted from a sample/);
    assert.ok((await page.locator('tbody svg').count()) > 3);
  }));

test('a timechart is drawn, reads by keys, zooms by dragging, and stands below as a table', () =>
  visit({ address: q('canonical-log-line | timechart count by http_status') }, async (page, mock) => {
    await page.locator('.u-over').waitFor();
    assert.match(await page.locator('figcaption').innerText(), /200[\s\S]*503[\s\S]*1 min per bucket · the last still fills/);
    assert.equal(await page.getByRole('button', { name: 'Bars', exact: true }).getAttribute('aria-pressed'), 'true');
    assert.ok((await page.locator('tbody tr').count()) > 5);
    await page.getByRole('img', { name: /series over/ }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('figure [aria-live]').innerText(), /^2026-11-21 \d\d:\d\d: 200 \d+/);
    await page.getByRole('button', { name: 'Lines', exact: true }).click();
    assert.match(page.url(), /view=line/);
    await page.locator('figcaption button').last().click();
    assert.equal(await page.locator('figcaption [aria-pressed=true]').count(), 1);
    const box = await page.locator('.u-over').boundingBox();
    await page.mouse.move(box.x + 300, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 500, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await until(() => assert.match(asked(mock, 'query').from, /^2026-11-21T11:/));
    await page.goBack();
    await settled(page);
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    assert.equal(await page.locator('.u-over').count(), 0);
  }));

test('the field list counts, narrows, groups and makes columns', () =>
  visit({}, async (page, mock) => {
    const fields = page.getByRole('complementary', { name: 'Fields' });
    await fields.getByRole('button', { name: /^http_status/ }).click();
    assert.match(await fields.locator('.value').first().innerText(), /200\s+\d+/);
    await fields.getByRole('button', { name: 'Column' }).click();
    assert.ok(await page.getByRole('columnheader', { name: 'http_status' }).isVisible());
    assert.match(page.url(), /column=http_status/);
    await fields.getByRole('button', { name: /^duration/ }).click();
    await until(async () => assert.match(await fields.locator('.summary').innerText(), /min 0\.\d+ · p50 .* · max/));
    await fields.getByRole('button', { name: /^service/ }).click();
    await fields.getByTitle('Only lines with service=worker').click();
    await until(() => assert.equal(asked(mock, 'query').q, 'service=worker'));
    await settled(page);
    await fields.getByRole('button', { name: /^level/ }).click();
    await fields.getByRole('button', { name: 'Group by' }).click();
    await until(() => assert.equal(asked(mock, 'query').q, 'service=worker | stats count by level | sort -count'));
    await fields.getByLabel('Find a field').fill('request');
    assert.equal(await fields.locator('.head').count(), 1);
  }));

test('live tail shows new lines, holds them while the reader is elsewhere, and resumes', () =>
  visit({}, async (page, mock) => {
    await page.keyboard.press('l');
    await until(() => assert.equal(mock.tails.size, 1));
    mock.add({ _msg: 'first of the tail', service: 'api', level: 'info' });
    await until(async () => assert.match(await page.locator('.line').first().innerText(), /first of the tail/));
    await page.getByLabel('Lines, newest first').evaluate((el) => (el.scrollTop = 400));
    await page.waitForTimeout(100);
    const seen = await page.locator('.line .time').allInnerTexts();
    for (let i = 0; i < 3; i++) mock.add({ _msg: `held ${i}`, service: 'api', level: 'info' });
    await page.getByRole('button', { name: '3 new lines – show' }).click();
    await until(async () => assert.match(await page.locator('.line').first().innerText(), /held 2/));
    assert.ok(seen.length > 10);
    assert.match(page.url(), /live=1/);
    for (const res of mock.tails) res.destroy();
    mock.add({ _msg: 'stored while away', service: 'api', level: 'info' });
    await until(async () => assert.match(await page.locator('.line').first().innerText(), /stored while away/));
    await page.keyboard.press('l');
    await until(() => assert.equal(mock.tails.size, 0));
  }));

test('nothing found says where the lines lie and leads there', () =>
  visit({ address: '/?from=2020-01-01T00%3A00%3A00.000Z&to=2020-01-02T00%3A00%3A00.000Z' }, async (page, mock) => {
    assert.match(await page.locator('.empty').innerText(), /9,000 lines lie between\s+2026-11-21/);
    await page.getByRole('button', { name: 'Go there' }).click();
    await until(() => assert.match(asked(mock, 'query').from, /^2026-11-21T09:/));
    await page.locator('.line').first().waitFor();
  }));

test('an empty house shows what to paste', () =>
  visit({ mock: new Mock({ rows: 0, end }) }, async (page) => {
    await page.getByRole('heading', { name: 'No line has arrived yet' }).waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^curl 'http:\/\/127\.0\.0\.1:\d+\/api\/v1\/ingest\/jsonl' \\\n {2}--data-binary '\{"_time"/);
  }));

test('a token is asked for once and kept for the tab', () =>
  visit({ mock: new Mock({ end, token: 'secret' }) }, async (page, mock) => {
    await page.getByLabel(/A token that may read/).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'This token is not accepted' }).waitFor();
    await page.getByLabel(/A token that may read/).fill('secret');
    await page.keyboard.press('Enter');
    await page.locator('.line').first().waitFor();
    await page.reload();
    await page.locator('.line').first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('button', { name: /NDJSON/ }).click();
    assert.match((await download).suggestedFilename(), /\.ndjson$/);
    assert.equal(asked(mock, 'query').format, 'ndjson');
  }));

test('the answer is downloaded whole, not only what was fetched', () =>
  visit({ address: q('service=api') }, async (page, mock) => {
    await page.getByRole('button', { name: 'Download' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: /CSV/ }).click();
    await download;
    const { format, limit, from, to } = asked(mock, 'query');
    assert.deepEqual([format, limit], ['csv', undefined]);
    assert.ok(Date.parse(from) && Date.parse(to));
  }));

test('a link brings back line, columns, zone and time', () =>
  visit({ address: q('canonical-log-line', '&column=http_path&zone=utc&from=-2h') }, async (page) => {
    await page.locator('.line .opener').nth(5).click();
    await page.getByRole('button', { name: 'link', exact: true }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const text = await page.locator('.line').nth(5).locator('.row').innerText();
    await page.goto(link);
    await page.locator('.line.open').waitFor();
    assert.equal(await page.locator('.line.open .row').innerText(), text);
    assert.equal(await page.getByRole('button', { name: 'UTC' }).getAttribute('aria-pressed'), 'true');
    assert.ok(await page.getByRole('columnheader', { name: 'http_path' }).isVisible());
  }));

test('a server that is gone is said, not shown as an empty page', () =>
  visit({}, async (page, mock) => {
    mock.close();
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('alert').filter({ hasText: 'The server does not answer.' }).waitFor();
  }));

test('deploys are marks on the histogram and on a chart; a click tells what was different', () =>
  visit({}, async (page) => {
    const marks = page.getByRole('button', { name: /^Deploy: / });
    await marks.nth(1).waitFor();
    assert.deepEqual(await marks.count(), 2); // the two that went out together are one
    await marks.nth(1).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('cell', { name: '90 (3.0 %)' }).waitFor();
    assert.match(await dialog.locator('h2').innerText(), /api 1\.4\.2/);
    await dialog.getByRole('cell', { name: 'slower' }).waitFor();
    assert.equal(await dialog.getByRole('link', { name: 'what is in it' }).count(), 0); // its link is a script
    const fresh = dialog.getByRole('link', { name: 'no such column' });
    assert.match(await fresh.getAttribute('href'), /q=%22no\+such\+column%3A\+x%22\+service%3D%22api%22/);
    assert.ok((await dialog.locator('li').allInnerTexts()).some((t) => t.includes(hostile[0])));
    await dialog.getByRole('button', { name: /api 1\.4\.1/ }).click();
    await dialog.getByRole('heading', { name: 'api 1.4.1' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await ask(page, 'canonical-log-line | timechart count by http_status');
    await page.locator('figure .u-over').waitFor();
    await marks.first().press('Enter');
    await page.getByRole('dialog').getByText('<img src=x').first().waitFor();
    assert.equal(await page.evaluate(() => window.broken), undefined);
  }));

const states = {
  lines: ['', async () => undefined],
  'an opened line': [q('service=api'), async (page) => {
    for (const key of ['j', 'o', 'c']) await page.keyboard.press(key);
    await page.locator('section li').first().waitFor();
    await page.locator('aside .head').nth(2).click();
  }],
  completion: ['', async (page) => {
    await page.getByLabel('Question', { exact: true }).pressSequentially('service=');
    await page.getByRole('option').first().waitFor();
  }],
  chart: [q('canonical-log-line | timechart p50(duration) p95(duration) p99(duration)'), (page) => page.locator('.u-over').waitFor()],
  table: [q('canonical-log-line | stats count by http_path'), async () => undefined],
  'an error': [q('x | statz'), async () => undefined],
  'an error after an answer': [q('service=api'), (page) => ask(page, 'service=api | statz')],
  nothing: [q('nosuchword'), async () => undefined],
  time: ['', (page) => page.keyboard.press('t')],
  'a deploy': ['', async (page) => {
    await page.getByRole('button', { name: /^Deploy: api/ }).click();
    await page.getByRole('cell', { name: 'worse' }).waitFor();
  }],
  help: ['', (page) => page.keyboard.press('?')],
};

for (const [name, [address, act]] of Object.entries(states)) {
  test(`axe finds nothing: ${name}`, () =>
    visit({ address }, async (page) => {
      await act(page);
      await page.waitForTimeout(150);
      // Handed over as text, past the page's own policy.
      await page.evaluate(await readFile(axe, 'utf8'));
      assert.deepEqual(await violations(page), []);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.locator('[data-theme=dark]').waitFor();
      assert.deepEqual(await violations(page, ['color-contrast']), [], 'dark'); // themes differ in colours alone
    }));
}

async function violations(page, rules) {
  const found = await page.evaluate((rules) => axe.run(rules ? { runOnly: rules } : {}), rules);
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(' ')}`);
}
