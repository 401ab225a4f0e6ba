import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flag, html } from './html.ts';

describe('the HTML template', () => {
  it('escapes every text that is put in, in content and in quoted attributes', () => {
    const evil = `"><script>alert('x')</script>&`;
    expect(html`<a title="${evil}">${evil}</a>`.text).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>',
    );
  });

  it('never lets a text open a tag or leave an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const inside = html`<p title="${text}">${text}</p>`.text.slice('<p title="'.length, -'</p>'.length);
        expect(inside.replace('">', '')).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('puts pieces of HTML in as they are and lists one after the other', () => {
    expect(html`<ul>${['a', '<'].map((text) => html`<li>${text}</li>`)}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;</li></ul>',
    );
  });

  it('shows nothing for what is not there, and 0 for zero', () => {
    expect(html`${null}${undefined}${false}${0}${flag('checked', false)}${flag('checked', true)}`.text).toBe(
      '0 checked',
    );
  });
});
