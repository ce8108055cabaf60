// A textlint plugin for the prose of YAML: comments, and scalars of more than one word.
import { Parser } from 'yaml';
import { documentOf } from './document.mjs';

const SCALARS = new Set(['scalar', 'single-quoted-scalar', 'double-quoted-scalar', 'block-scalar', 'comment']);

function proseOf(text) {
  const found = [];
  const visit = (value) => {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) return value.forEach(visit);
    if (SCALARS.has(value.type) && /\S\s+\S/.test(value.source)) {
      const from = text.indexOf(value.source.slice(0, 20).split('\n')[0], value.offset);
      found.push([value.offset, Math.max(value.offset, from) + value.source.length]);
    }
    Object.values(value).forEach(visit);
  };
  for (const token of new Parser().parse(text)) visit(token);
  return found;
}

class YamlProcessor {
  availableExtensions() {
    return ['.yaml', '.yml'];
  }

  processor() {
    return {
      preProcess: (text) => documentOf(text, proseOf(text)),
      postProcess: (messages, filePath) => ({ messages, filePath }),
    };
  }
}

export default { Processor: YamlProcessor };
