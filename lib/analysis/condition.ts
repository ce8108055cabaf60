/** Conditions of people on one record, `--where`: one SQL expression over its columns, and nothing else. */
import { findFieldBySqlName, SQL_NAMES } from '../flow-log/fields';
import { ROW_FUNCTIONS } from './functions';
import { HELPERS, plainSql } from './helpers';
import { RenderError } from './literal';
import { similar } from './similar';

const TOKEN =
  /\s+|(?<comment>--|\/\*)|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>[A-Za-z_]\w*)|(?<sign><>|!=|<=|>=|\|\||[=<>+\-*/%(),])/giy;

/** Words of expressions; a parenthesis after one is no call. */
const WORDS = new Set(
  'and or not in is null true false between like escape distinct from case when then else as interval day hour minute second'.split(' '),
);
const TYPES = new Set('bigint integer int smallint double real varchar boolean ipaddress timestamp date'.split(' '));

/** Words of statements: no column, and no misspelt one. */
const STATEMENTS = new Set(
  'select with from where group order having union intersect except limit values exists insert update delete create drop'.split(' '),
);

interface Checked {
  readonly sql: string;
  /** AWS's names of the fields that it reads. */
  readonly fields: readonly string[];
}

/** @throws RenderError naming what is no part of a condition on one record, and what is expected */
function checkCondition(condition: string): Checked {
  const fail = (why: string): never => {
    throw new RenderError(`--where ${JSON.stringify(condition)}: ${why}`);
  };
  const fields = new Set<string>();
  const column = (name: string, shown: string) => {
    const field = findFieldBySqlName(name.toLowerCase());
    if (field !== undefined) return fields.add(field.name);
    const near = similar(name.toLowerCase().replaceAll('-', '_'), SQL_NAMES)[0];
    return fail(`no column ${shown}${near === undefined ? '; docs/fields.md lists all' : `; did you mean ${near}?`}`);
  };
  const functionName = (name: string) => {
    if (!ROW_FUNCTIONS.has(name) && !Object.hasOwn(HELPERS, name))
      fail(
        `${name}(…) is no function of a condition on one record; expected ${Object.keys(HELPERS).join(', ')} or one of ${[...ROW_FUNCTIONS].join(', ')}`,
      );
  };
  let [depth, cases, before] = [0, 0, ''];
  let at = 0;
  TOKEN.lastIndex = 0;
  while (at < condition.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(condition);
    if (match === null) return fail(`expected one condition, got ${JSON.stringify(condition.slice(at, at + 20))}`);
    at += match[0].length;
    const { comment, text, quoted, word, sign, number } = match.groups ?? {};
    if (comment !== undefined) fail('expected one condition without comments');
    if (quoted !== undefined) column(quoted.slice(1, -1), quoted);
    if (word !== undefined) {
      const name = word.toLowerCase();
      const calls = /^\s*\(/.test(condition.slice(at));
      if (name === 'case') cases++;
      if (name === 'end' && cases > 0) cases--;
      else if (name === 'end') fail('write "end" in double quotes: the bare word closes a CASE');
      else if (WORDS.has(name) || (before === 'as' && TYPES.has(name))) void 0;
      else if (STATEMENTS.has(name)) fail(`expected one condition on one record, got ${word.toUpperCase()}`);
      else if (calls) functionName(name);
      else column(word, word);
    }
    if (sign === '(') depth++;
    if (sign === ')' && --depth < 0) fail('expected one condition, got ) without (');
    if (sign === ',' && depth === 0) fail('expected one condition, got several with a comma between them; join them with AND or OR');
    before = (word ?? sign ?? quoted ?? text ?? number ?? before).toLowerCase();
  }
  if (depth > 0) fail('expected one condition, got ( without )');
  if (before === '') fail('expected a condition such as "dstport = 22 AND NOT is_private(srcaddr)"');
  return { sql: `(${plainSql(condition.trim())})`, fields: [...fields] };
}

/** The condition in plain SQL, in parentheses. @throws RenderError */
export const conditionSql = (condition: string): string => checkCondition(condition).sql;

/** AWS's names of the fields that a condition reads. @throws RenderError */
export const conditionFields = (condition: string): string[] => [...checkCondition(condition).fields];
