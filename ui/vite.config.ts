// One script and one style sheet, which the build embeds in the server: a page names the view that it
// wants, and every page is under the same strict policy.
import {svelte} from '@sveltejs/vite-plugin-svelte';
import {defineConfig} from 'vite';

export default defineConfig({
    plugins: [svelte()],
    build: {
        outDir: process.env.SALLYPORT_UI_OUT ?? 'dist',
        emptyOutDir: true,
        target: 'es2022',
        cssCodeSplit: false,
        modulePreload: false,
        rollupOptions: {
            input: 'src/console.ts',
            output: {
                inlineDynamicImports: true,
                entryFileNames: 'console.js',
                assetFileNames: 'console[extname]',
            },
        },
    },
});
