import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

export default ts.config(
  { ignores: ['node_modules/', 'dist/'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'svelte/no-at-html-tags': 'error',
      // The Content-Security-Policy takes no style attribute; `style:` sets a property, which it takes.
      'no-restricted-syntax': ['error', { selector: 'SvelteAttribute[key.name="style"]', message: 'use a style: directive' }],
      // The live world is replaced, not changed: plain maps and sets are what is wanted.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'names may hold markup: set textContent' },
        { property: 'outerHTML', message: 'names may hold markup: set textContent' },
        { property: 'insertAdjacentHTML', message: 'names may hold markup: set textContent' },
        { property: 'setHTML', message: 'names may hold markup: set textContent' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
)
