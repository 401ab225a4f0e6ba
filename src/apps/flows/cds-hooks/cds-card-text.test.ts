import { expect, it } from 'vitest';
import { plainMarkdown } from './cds-card-text.ts';

it('lets nothing that a laboratory wrote become markup, a bare address included', () => {
  expect(plainMarkdown('见 https://evil.example/a_b 或 WWW.evil.example')).toBe(
    String.raw`见 https\://evil.example/a\_b 或 WWW\.evil.example`,
  );
  expect(plainMarkdown('[x](y)\n|<b>')).toBe(String.raw`\[x\]\(y\) \|\<b\>`);
  expect(plainMarkdown('比值 1:2，14:30')).toBe('比值 1:2，14:30');
});
