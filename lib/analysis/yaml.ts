import { parseDocument } from 'yaml';
import { LinesError } from '../lines-error';

/** YAML that cannot be read; the message names no file. */
export class YamlError extends LinesError {
  override name = 'YamlError';
}

/** YAML as data. @throws YamlError with the line of a syntax error, or for a text that stands for far more than it is */
export function yamlData(text: string): unknown {
  let message: string;
  try {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error === undefined) return document.toJS();
    ({ message } = error);
  } catch (error) {
    ({ message } = error as Error);
  }
  // https://eemeli.org/yaml/#tojs-options: maxAliasCount; a text that is nested too deeply ends the parser's stack.
  if (/alias count|call stack/i.test(message))
    throw new YamlError(
      `its aliases or its nesting expand to more than the limit (${message.split('\n')[0] ?? ''}). Write it out, without anchors (&) and aliases (*)`,
    );
  throw new YamlError(message.trimEnd().split('\n'));
}
