/** Commands of ours in what people read: documentation, help, messages. */
import ts from 'typescript';

const SEPARATOR = /^[|&;><)#\n]$/;

/** The words of the first simple command of a line, as a POSIX shell splits them. */
function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? '';
    if (char === "'" || char === '"') {
      const end = line.indexOf(char, i + 1);
      word = (word ?? '') + line.slice(i + 1, end < 0 ? undefined : end);
      i = end < 0 ? line.length : end;
    } else if (/\s/.test(char)) {
      if (word !== undefined) found.push(word);
      word = undefined;
      // A comment or a redirection begins a word.
    } else if (SEPARATOR.test(char) && (word === undefined || char !== '#')) break;
    else word = (word ?? '') + char;
  }
  return word === undefined ? found : [...found, word];
}

/** `<source…>` and `${…}` stand for a value. */
export const VALUE = 'VALUE';
const withValues = (text: string) => text.replace(/<[a-z][^<>\n]*>/gi, VALUE);

/** Arguments of our commands in a line of a shell. */
function inLine(line: string): string[][] {
  return [...withValues(line).matchAll(/(?<![\w./@-])flowlogs (?=[a-z-])/g)].map(({ index, 0: name }) =>
    words(withValues(line).slice(index + name.length)),
  );
}

/** In Markdown: code spans and lines of code blocks. */
export function commandsOfMarkdown(text: string): string[][] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, code = '']) => code.split('\n'));
  const spans = [...text.replace(/^```\w*\n[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));
  return [...blocks, ...spans].flatMap(inLine);
}

/** In text of a terminal: lines that begin with a command, and code spans. */
export function commandsOfText(text: string): string[][] {
  const lines = text
    .replace(/`[^`]+`/g, '')
    .split('\n')
    .filter((line) => /^\s*(?:source <\(|npx )?flowlogs |(?:\||&&) flowlogs /.test(line));
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));
  return [...lines, ...spans].flatMap(inLine);
}

/** Texts of a source file: strings, templates with VALUE for what is put in, and what elements of a page say. */
export function textsOf(file: string, source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isJsxText(node)) texts.push(node.text);
    else if (ts.isTemplateExpression(node))
      texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(VALUE));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, false, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  return texts;
}
