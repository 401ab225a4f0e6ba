import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The browser apps, one entry each. Hospitals still run Windows 7, where Chromium stops at 109; nothing newer may come out
 * of the build. Addresses are `/assets/app/NAME-HASH.js`, so that a browser may keep them for ever.
 */
export default defineConfig({
  root: at('src/web'),
  base: '/assets/app/',
  plugins: [react()],
  resolve: {
    // vtk.js brings it for meshes, and it wants modules of Node.
    alias: { xmlbuilder2: at('src/web/viewer/xml-stand-in.ts') },
  },
  // Decoders run in workers, as modules, like the rest.
  worker: { format: 'es' },
  build: {
    outDir: at('dist/web'),
    emptyOutDir: true,
    assetsDir: '.',
    target: 'chrome109',
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: {
        clinician: at('src/web/clinician/index.html'),
        institution: at('src/web/institution/index.html'),
        patient: at('src/web/patient/index.html'),
        // Its page is made by the server, which shows a preview before any script has come.
        viewer: at('src/web/viewer/main.tsx'),
        opening: at('src/web/viewer/opening.ts'),
      },
    },
  },
});
