import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// File names carry no hash: the built files are committed, and a fixed name keeps
// their history readable. The server answers with an ETag, so a stale copy cannot live on.
export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    modulePreload: false, // its helper is larger than what it saves for one late chunk
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
      },
    },
  },
  server: { proxy: { '/api': process.env.PLUMBLINE_URL ?? 'http://127.0.0.1:7420' } },
});
