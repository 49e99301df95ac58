import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// MapLibre's published bundle holds everything twice, once for the page and once for its worker. Built from its own
// sources, page and worker share one chunk: 310 KB packed in place of 440.
const maplibre = here('node_modules/maplibre-gl/src/')

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  resolve: {
    alias: mode === 'test' ? [] : [{ find: /^maplibre-gl$/, replacement: `${maplibre}index.ts` }],
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  // MapLibre declares fields that its base classes have filled already: they must not be set again.
  oxc: { assumptions: { setPublicClassFields: true }, typescript: { removeClassFieldsWithoutInitializer: true } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { main: here('index.html'), watch: here('watch.html'), mapworker: `${maplibre}source/worker.ts` },
      preserveEntrySignatures: 'allow-extension' as const,
      output: {
        entryFileNames: (chunk) => (chunk.name === 'mapworker' ? 'assets/mapworker.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { include: ['src/**/*.test.ts'], css: true },
}))
