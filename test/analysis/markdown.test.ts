import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { withoutControls } from '../../lib/analysis/human';
import { markdownBlock, markdownText } from '../../lib/analysis/markdown';

/** GitHub's kind: tables, and addresses that become links by themselves. */
const renderer = new MarkdownIt({ html: true, linkify: true, typographer: false });

const HOSTILE = [
  '[x](javascript:alert(1))',
  '![i](http://evil.example/x.png)',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  'http://evil.example/',
  'https://evil.example/a|b',
  'www.evil.example',
  'somebody@evil.example',
  '@somebody',
  '#4711',
  '`code`',
  '``',
  '|pipe|',
  'a\\|b',
  'a\\',
  '**bold**',
  '_it_',
  '__all__',
  '~~gone~~',
  '&lt;',
  '&#60;b&#62;',
  '$x$',
  '\u202eabc',
  'a\nb',
  '=cmd',
  'eni-0abc',
  'pkt_srcaddr',
  '2001:db8::1',
  '10.0.0.0/8',
];

/** What a table with one cell shows, and which elements it holds. */
function shown(text: string): { text: string; tags: string[] } {
  const html = renderer.render(`| a |\n| --- |\n| ${markdownText(text)} |\n`);
  const cell = /<td>([\s\S]*)<\/td>/.exec(html)?.[1] ?? `no cell: ${html}`;
  const tags = [...cell.matchAll(/<([a-z]+)[^>]*>/g)].map((match) => match[1] ?? '');
  const plain = cell
    .replace(/<\/?code>/g, '')
    .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name] ?? '');
  return { text: plain, tags: [...new Set(tags)].filter((tag) => tag !== 'code') };
}

test.each(HOSTILE)('%j is shown as it is: no link, image, markup or other cell', (text) => {
  expect(shown(text)).toEqual({ text: withoutControls(text), tags: [] });
});

test('so is any text', () => {
  const words = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme-ascii', maxLength: 12 })), {
    minLength: 1,
    maxLength: 4,
  });
  const signs = fc.string({ unit: fc.constantFrom(...Array.from('|\\`*_[]()<>!~&$#@:/.aB1 ')), maxLength: 16 });
  fc.assert(
    fc.property(
      fc.oneof(
        words.map((list) => list.join(' ')),
        signs,
      ),
      (text) => {
        const one = text.trim().replace(/ +/g, ' ');
        fc.pre(one !== '');
        expect(shown(one)).toEqual({ text: withoutControls(one), tags: [] });
      },
    ),
    { numRuns: 2000 },
  );
});

test('plain words stay plain', () => {
  for (const word of ['eni-0abc', 'pkt_srcaddr', '2001:db8::1', '10.0.0.0/8', '443 https', '1.5 GB']) expect(markdownText(word)).toBe(word);
});

test('a block of code ends where it ends, whatever is in it', () => {
  const command = "flowlogs sql 'SELECT 1' 'a\n```\n<b>'";
  const html = renderer.render(`${markdownBlock('sh', command).join('\n')}\n\nafter`);
  expect(html).toBe("<pre><code class=\"language-sh\">flowlogs sql 'SELECT 1' 'a\n```\n&lt;b&gt;'\n</code></pre>\n<p>after</p>\n");
});
