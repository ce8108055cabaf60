/** What the docstrings of the construct library say: docs/constructs.md, and what the test of docstrings reads. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { kebabCase } from '../lib/constructs/names';

const ROOT = join(__dirname, '..');
const ENTRY = join(ROOT, 'lib', 'constructs', 'index.ts');

export interface MemberDoc {
  readonly name: string;
  /** As the source spells it. */
  readonly type: string;
  readonly text: string;
  readonly optional: boolean;
  /** Of `@default`. */
  readonly fallback: string | undefined;
  readonly method: boolean;
  readonly isStatic: boolean;
}

export interface TypeDoc {
  readonly name: string;
  readonly kind: 'construct' | 'class' | 'interface' | 'other';
  /** From the project's folder. */
  readonly file: string;
  readonly text: string;
  /** Public, those of base types of this package included. */
  readonly members: readonly MemberDoc[];
  /** Name of the type of its constructor's third parameter. */
  readonly props: string | undefined;
}

/** Every exported type of the library, in the order of the entry point. */
export function readLibrary(): TypeDoc[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  const program = ts.createProgram([ENTRY], { ...config?.options, noEmit: true });
  const checker = program.getTypeChecker();
  const entry = program.getSourceFile(ENTRY);
  const module = entry === undefined ? undefined : checker.getSymbolAtLocation(entry);
  if (module === undefined) throw new Error(`${ENTRY}: no module`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => ((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)))
    .map((symbol) => typeDoc(symbol, checker));
}

const isOurs = (node: ts.Node) => !node.getSourceFile().fileName.includes('/node_modules/');

function typeDoc(symbol: ts.Symbol, checker: ts.TypeChecker): TypeDoc {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined) throw new Error(`${symbol.name}: no declaration`);
  const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
  const isType = (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) !== 0 || isObject(declaration);
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const inherited = isType ? type.getProperties() : [];
  const statics = isClass ? checker.getPropertiesOfType(checker.getTypeOfSymbolAtLocation(symbol, declaration)) : [];
  const members = [
    ...statics.flatMap((member) => memberDoc(member, checker, true)),
    ...inherited.flatMap((member) => memberDoc(member, checker, false)),
  ];
  return {
    name: symbol.name,
    kind: isClass ? (inherited.some(({ name }) => name === 'node') ? 'construct' : 'class') : isType ? 'interface' : 'other',
    file: relative(ROOT, declaration.getSourceFile().fileName),
    text: textOf(symbol, checker),
    members,
    props: isClass ? propsOf(declaration, checker) : undefined,
  };
}

/** `type X = Omit<…>`, but not `type X = 'a' | 'b'`. */
const isObject = (declaration: ts.Declaration) =>
  ts.isTypeAliasDeclaration(declaration) &&
  ts.isTypeReferenceNode(declaration.type) &&
  /^(Omit|Pick)$/.test(declaration.type.typeName.getText());

function propsOf(declaration: ts.Declaration, checker: ts.TypeChecker): string | undefined {
  if (!ts.isClassDeclaration(declaration)) return undefined;
  const type = declaration.members.find(ts.isConstructorDeclaration)?.parameters[2]?.type;
  return type === undefined ? undefined : checker.getTypeFromTypeNode(type).getSymbol()?.name;
}

function memberDoc(symbol: ts.Symbol, checker: ts.TypeChecker, isStatic: boolean): MemberDoc[] {
  const declaration = symbol.declarations?.find(isOurs);
  if (declaration === undefined || symbol.name === 'prototype' || symbol.name.startsWith('_')) return [];
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if ((ts.getCombinedModifierFlags(declaration) & hidden) !== 0) return [];
  const method = ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration);
  const typed = declaration as ts.Node as { readonly type?: ts.TypeNode };
  const type = method
    ? `(${declaration.parameters.map((parameter) => parameter.name.getText().replace(/^\{.*\}$/s, 'options')).join(', ')})`
    : (typed.type?.getText() ?? checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, declaration)));
  const fallback = symbol.getJsDocTags(checker).find(({ name }) => name === 'default')?.text;
  return [
    {
      name: symbol.name,
      type: oneLine(type.replace(/ \| undefined$/, '')),
      text: textOf(symbol, checker),
      optional: (symbol.flags & ts.SymbolFlags.Optional) !== 0 || (typed.type?.getText() ?? '').endsWith(' | undefined'),
      fallback: fallback === undefined ? undefined : oneLine(ts.displayPartsToString(fallback)),
      method,
      isStatic,
    },
  ];
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** Links become code: they name what is a heading or a row of this document. */
const textOf = (symbol: ts.Symbol, checker: ts.TypeChecker): string =>
  oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\{@link ([^}]+)\}/g, '`$1`'));

/** https://… becomes a link: a formatter leaves bare ones, some renderers do not. */
const linked = (text: string) => text.replace(/(?<![<(])https:\/\/[^\s<>]*[^\s<>.,;:]/g, '<$&>');
const cell = (text: string) => linked(text).replaceAll('|', '\\|');
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
const anchor = (name: string) => `[${name}](#${name.toLowerCase()})`;

const fallbackOf = ({ optional, fallback }: MemberDoc) => {
  if (!optional && fallback === undefined) return 'required';
  return cell((fallback ?? '').replace(/^- /, ''));
};

function propsTable(members: readonly MemberDoc[]): string {
  return [
    '| property | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...members.map((member) => `| ${code(member.name)} | ${code(member.type)} | ${fallbackOf(member)} | ${cell(member.text)} |`),
  ].join('\n');
}

const memberTable = (heading: string, members: readonly MemberDoc[]) =>
  members.length === 0
    ? []
    : [
        [
          `| ${heading} | meaning |`,
          '| --- | --- |',
          ...members.map(({ name, method, type, isStatic, text }) => {
            const spelt = `${isStatic ? 'static ' : ''}${name}${method ? type : ''}`;
            return `| ${code(spelt)} | ${cell(text)} |`;
          }),
        ].join('\n'),
      ];

function section(type: TypeDoc, library: readonly TypeDoc[]): string[] {
  const example = join('examples', 'constructs', `${kebabCase(type.name)}.ts`);
  const props = library.find(({ name }) => name === type.props);
  const shown = existsSync(join(ROOT, example))
    ? [`[${example}](../${example}):`, `\`\`\`ts\n${readFileSync(join(ROOT, example), 'utf8').trim()}\n\`\`\``]
    : [];
  return [
    `### ${type.name}`,
    linked(type.text),
    ...shown,
    ...(props === undefined ? [] : [`\`${props.name}\`:`, propsTable(props.members)]),
    ...memberTable(
      'import',
      type.members.filter(({ isStatic }) => isStatic),
    ),
    ...memberTable(
      'attribute or method',
      type.members.filter(({ isStatic }) => !isStatic),
    ),
  ];
}

/** docs/constructs.md */
export function constructDocs(): string {
  const library = readLibrary();
  const named = (a: TypeDoc, b: TypeDoc) => (a.name < b.name ? -1 : 1);
  const constructs = library.filter(({ kind }) => kind === 'construct').sort(named);
  const classes = library.filter(({ name }) => ['FlowLogScope', 'FlowLogDestination'].includes(name)).sort(named);
  const ofConstructs = new Set(constructs.map(({ props }) => props));
  // An interface of a construct is the part of its own table that an imported one has.
  const types = library
    .filter(
      ({ name, kind, file }) =>
        kind === 'interface' && file.startsWith('lib/constructs/') && !ofConstructs.has(name) && !/^I[A-Z]/.test(name),
    )
    .sort(named);
  return [
    '# Constructs',
    'Generated from the docstrings of `lib/constructs` by `npm run docs`. Import them from `flow-log-analytics/constructs`.',
    [
      'Constructs take interfaces (`IFlowLogTable`, `IAnalysisWorkgroup`, …) from each other. What another stack makes is',
      'imported by a static method `fromXxx`, which adds no resource. Metrics (`metricXxx`) name the stack that publishes',
      'them and take the options of a CloudWatch metric. The examples are type-checked and synthesised by the tests;',
      '[parts/other-stack.ts](../examples/constructs/parts/other-stack.ts) imports what they share.',
    ].join('\n'),
    [
      '| construct | makes |',
      '| --- | --- |',
      ...constructs.map(
        ({ name, text }) => `| ${anchor(name)} | ${cell(/^.*?[.:;](?= |$)/.exec(text)?.[0].replace(/[.:;]$/, '') ?? text)} |`,
      ),
    ].join('\n'),
    ...constructs.flatMap((type) => section(type, library)),
    '## Scopes and destinations',
    ...classes.flatMap((type) => section(type, library)),
    '## Other types',
    ...types.flatMap(({ name, text, members }) => [`### ${name}`, ...(text === '' ? [] : [linked(text)]), propsTable(members)]),
  ].join('\n\n');
}
