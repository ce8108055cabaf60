// A textlint plugin for the prose of TypeScript: comments, JSX text, and string literals of more than one word.
import ts from 'typescript';
import { documentOf } from './document.mjs';

/** `[from, to)` offsets of the prose in a TypeScript or TSX text. */
function proseOf(text, ext) {
  const source = ts.createSourceFile(
    `prose${ext}`,
    text,
    ts.ScriptTarget.Latest,
    true,
    ext === '.tsx' ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found = new Map();
  const comments = (ranges) => {
    for (const { pos, end } of ranges ?? []) found.set(pos, end);
  };
  const visit = (node) => {
    comments(ts.getLeadingCommentRanges(text, node.getFullStart()));
    comments(ts.getTrailingCommentRanges(text, node.getEnd()));
    const prose =
      ts.isStringLiteralLike(node) || ts.isJsxText(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
    if (prose && /\S\s+\S/.test(node.getText(source))) found.set(node.getStart(source), node.getEnd());
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...found].sort(([a], [b]) => a - b);
}

class TypeScriptProcessor {
  availableExtensions() {
    return ['.ts', '.tsx', '.mjs'];
  }

  processor(ext) {
    return {
      preProcess: (text) => documentOf(text, proseOf(text, ext)),
      postProcess: (messages, filePath) => ({ messages, filePath }),
    };
  }
}

export default { Processor: TypeScriptProcessor };
