// The committed files are what the sources give.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

async function files(folder) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(folder.length));
  return Object.fromEntries(await Promise.all(names.sort().map(async (n) => [n, await readFile(join(folder, n), 'utf8')])));
}

test('web/dist is a fresh build of web/src', async () => {
  const fresh = await mkdtemp(join(tmpdir(), 'plumbline-web-'));
  try {
    await build({ root, logLevel: 'error', build: { outDir: fresh, emptyOutDir: true } });
    const [want, got] = [await files(join(fresh, '/')), await files(join(root, 'dist/'))];
    assert.deepEqual(Object.keys(got), Object.keys(want));
    for (const name of Object.keys(want)) assert.ok(got[name] === want[name], `${name} differs: run make web and commit`);
  } finally {
    await rm(fresh, { recursive: true });
  }
});

test('the lock file names no host', async () => {
  assert.doesNotMatch(await readFile(join(root, 'package-lock.json'), 'utf8'), /"resolved"/);
});
