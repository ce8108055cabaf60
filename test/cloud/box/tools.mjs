// What the box needs that a checkout does not have: Python, a JDK and Maven from the machine, the rest by the registries' ordinary
// clients at pinned versions into .box/.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOX, installVenv, MissingTool, python } from '../../support/venv.mjs';

const HERE = import.meta.dirname;
const EMULATOR_VERSION = '1.5.33';
const TRINO_VERSION = '483';
const READER_VERSION = '5.0.1';
const LINT_VERSION = '1.58.0';
const JAVA_VERSION = 25;
/** The runtime of our functions. */
const NODE_VERSION = '24';

const says = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}` : undefined;
};

/** Home of a JDK that Trino runs on: `$JAVA_HOME`, then the machine's usual places. */
function findJdk() {
  const jvms = '/usr/lib/jvm';
  const homes = [process.env.JAVA_HOME, ...(existsSync(jvms) ? readdirSync(jvms).map((name) => join(jvms, name)) : [])];
  const found = [];
  for (const home of homes.filter((path) => path !== undefined && existsSync(join(path, 'bin', 'javac')))) {
    const version = Number(/version "(\d+)/.exec(says(join(home, 'bin', 'java'), ['-version']) ?? '')?.[1]);
    if (version >= JAVA_VERSION) return home;
    found.push(`${version}`);
  }
  throw new MissingTool(
    `JDK ${JAVA_VERSION} is missing${found.length > 0 ? ` (found ${found.join(', ')})` : ''}: install one (Debian: apt-get install openjdk-${JAVA_VERSION}-jdk, or a Temurin package) or set JAVA_HOME`,
  );
}

function maven() {
  if (says('mvn', ['-version']) === undefined) throw new MissingTool('Maven is missing: install it (Debian: apt-get install maven)');
  return 'mvn';
}

const installEmulator = () =>
  installVenv(`emulator-${EMULATOR_VERSION}`, `the AWS emulator ministack ${EMULATOR_VERSION}`, [
    `ministack==${EMULATOR_VERSION}`,
    'cryptography',
  ]);

/** Another tool that reads what `flowlogs convert` writes. */
const installReader = () => installVenv('flowlogs-reader', `flowlogs-reader ${READER_VERSION}`, [`flowlogs-reader==${READER_VERSION}`]);

/** What the checks of templates ask: resource schemas, request models and the actions of IAM, as AWS publishes them. */
export const installTemplateChecks = () =>
  installVenv(`cfn-lint-${LINT_VERSION}`, `cfn-lint ${LINT_VERSION}, botocore and parliament`, [
    `cfn-lint==${LINT_VERSION}`,
    'botocore==1.44.8',
    'parliament==1.6.4',
  ]);

/** Folder with the `node` that functions run on. */
function installFunctionRuntime() {
  const folder = join(BOX, `node-${NODE_VERSION}`);
  const path = join(folder, 'node_modules', '.bin');
  if (existsSync(join(folder, 'installed'))) return path;
  console.log(`Installing Node ${NODE_VERSION}, the runtime of the functions, from npm into .box/ (once)`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  // The package's own script puts the binary in place: npm asks before it runs one.
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', '--foreground-scripts', `node@${NODE_VERSION}`], {
    cwd: folder,
    stdio: 'inherit',
  });
  writeFileSync(join(folder, 'installed'), '');
  return path;
}

/** Jars of the server that a plugin folder must not carry again. */
const SERVER_JARS =
  /^(trino-spi|slice|jackson-annotations|opentelemetry-api-[0-9]|opentelemetry-context|opentelemetry-common|jol-core)[^/]*\.jar$/;

function installTrino(jdk) {
  const folder = join(BOX, `trino-${TRINO_VERSION}`);
  if (existsSync(folder)) return folder;
  const mvn = maven();
  console.log(`Installing Trino ${TRINO_VERSION} (Athena's engine) from Maven Central into .box/ (once, about 3 minutes)`);
  const draft = `${folder}.partial`;
  rmSync(draft, { recursive: true, force: true });
  for (const path of ['boot', 'services/META-INF/services', 'plugin/lake', 'lib']) mkdirSync(join(draft, path), { recursive: true });
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
  const collect = (pom, out) =>
    execFileSync(
      mvn,
      ['-q', '-B', '-f', join(HERE, 'trino', pom), copy, '-DincludeScope=runtime', `-DoutputDirectory=${join(draft, out)}`],
      {
        stdio: 'inherit',
        env: { ...process.env, JAVA_HOME: jdk },
      },
    );
  collect('server.pom.xml', 'lib');
  collect('lake.pom.xml', 'plugin/lake');
  const lake = join(draft, 'plugin', 'lake');
  for (const name of readdirSync(lake)) if (SERVER_JARS.test(name)) unlinkSync(join(lake, name));
  const services = join(draft, 'services');
  writeFileSync(
    join(services, 'META-INF', 'services', 'io.trino.spi.Plugin'),
    'io.trino.plugin.hive.HivePlugin\nio.trino.plugin.iceberg.IcebergPlugin\n',
  );
  const bin = (tool) => join(jdk, 'bin', tool);
  execFileSync(bin('jar'), ['cf', join(lake, 'lake-services.jar'), '-C', services, '.']);
  copyFileSync(join(HERE, 'trino', 'Boot.java'), join(draft, 'boot', 'Boot.java'));
  execFileSync(bin('javac'), ['-cp', join(draft, 'lib', '*'), '-d', join(draft, 'boot'), join(draft, 'boot', 'Boot.java')]);
  execFileSync(bin('jar'), ['cf', join(draft, 'lib', 'boot.jar'), '-C', join(draft, 'boot'), 'Boot.class']);
  renameSync(draft, folder);
  return folder;
}

/** Installs what is not there yet. Says in one line what the machine lacks and exits 1. */
export function installTools() {
  mkdirSync(BOX, { recursive: true });
  try {
    const jdk = findJdk();
    maven();
    python();
    return { jdk, emulator: installEmulator(), reader: installReader(), node: installFunctionRuntime(), trino: installTrino(jdk) };
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    console.error(`The cloud tests cannot run: ${error.message}`);
    process.exit(1);
  }
}
