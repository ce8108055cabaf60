// Starts the cloud on this machine: the AWS emulator and Trino as Athena's engine, on loopback, and stops both.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { BOX } from '../../support/venv.mjs';
import { installTools } from './tools.mjs';

const HERE = import.meta.dirname;

const givenPorts = new Set();

/** One that no other box of this process was given either. */
async function freePort() {
  const port = await new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
  if (givenPorts.has(port)) return freePort();
  givenPorts.add(port);
  return port;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, seconds, ready, child) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await ready().catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`${what} ended with exit code ${child.exitCode}: see .box/*/logs`);
    if (Date.now() > deadline) throw new Error(`${what} did not answer within ${seconds} s: see .box/*/logs`);
    await pause(200);
  }
}

function start(home, name, command, args, options) {
  mkdirSync(join(home, 'logs'), { recursive: true });
  const log = openSync(join(home, 'logs', `${name}.log`), 'w');
  const child = spawn(command, args, { ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

const answers = (url) => fetch(url).then(({ ok }) => ok);

async function startEmulator({ emulator: python, node }, { home, port, trino, auth }) {
  const temporary = join(home, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const emulator = start(home, `emulator${auth ? '-auth' : ''}`, python, ['-m', 'emulator'], {
    cwd: HERE,
    env: {
      ...process.env,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      TRINO_URL: trino,
      FLOWLOGS_CLI: resolve(HERE, '..', '..', '..', 'dist', 'bin', 'flowlogs.js'),
      // Code of functions is unpacked here and finds the SDK of our node_modules by walking up.
      TMPDIR: temporary,
      PATH: `${node}${delimiter}${process.env.PATH}`,
      ...(auth ? { AUTH: 'true' } : {}),
    },
  });
  await until('the AWS emulator', 60, () => answers(`http://127.0.0.1:${port}/_ministack/health`), emulator);
  return emulator;
}

function writeTrinoConfiguration({ home, port, emulatorPort, plugins }) {
  const etc = join(home, 'etc');
  mkdirSync(join(etc, 'catalog'), { recursive: true });
  mkdirSync(join(home, 'data'), { recursive: true });
  const write = (name, lines) => writeFileSync(join(etc, name), `${lines.join('\n')}\n`);
  write('config.properties', [
    'coordinator=true',
    'node-scheduler.include-coordinator=true',
    `http-server.http.port=${port}`,
    `discovery.uri=http://127.0.0.1:${port}`,
    // Else Trino listens on every interface.
    'node.internal-address=127.0.0.1',
    'node.bind-ip=127.0.0.1',
    `plugin.dir=${plugins}`,
    `catalog.config-dir=${join(etc, 'catalog')}`,
    'query.max-memory=400MB',
    'query.max-memory-per-node=400MB',
    // Plans of queries that have ended filled its memory within minutes.
    'query.max-history=10',
    'query.min-expire-age=10s',
  ]);
  write('log.properties', ['io.trino=WARN']);
  const emulator = [
    'hive.metastore.glue.region=us-east-1',
    `hive.metastore.glue.endpoint-url=http://127.0.0.1:${emulatorPort}`,
    'hive.metastore.glue.aws-access-key=test',
    'hive.metastore.glue.aws-secret-key=test',
    'fs.s3.enabled=true',
    `s3.endpoint=http://127.0.0.1:${emulatorPort}`,
    's3.region=us-east-1',
    's3.path-style-access=true',
    's3.aws-access-key=test',
    's3.aws-secret-key=test',
  ];
  write('catalog/awsdatacatalog.properties', [
    'connector.name=hive',
    'hive.metastore=glue',
    'hive.partition-projection-enabled=true',
    'hive.non-managed-table-writes-enabled=true',
    // Athena reads folders below a partition too; IBM's keys have some.
    'hive.recursive-directories=true',
    // Else it asks the emulator about each empty partition once more. Athena takes a projected partition without a folder for empty too.
    'hive.ignore-absent-partitions=true',
    ...emulator,
  ]);
}

async function startTrino({ jdk, trino: folder }, { home, port, emulatorPort }) {
  writeTrinoConfiguration({ home, port, emulatorPort, plugins: join(folder, 'plugin') });
  const server = start(
    home,
    'trino',
    join(jdk, 'bin', 'java'),
    [
      '-cp',
      join(folder, 'lib', '*'),
      '-server',
      '-Xmx2G',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      // Trino makes classes for every query: with less, each few of them cost a full collection.
      '-XX:MetaspaceSize=512m',
      '-XX:+ExitOnOutOfMemoryError',
      '-XX:+AutoCreateSharedArchive',
      `-XX:SharedArchiveFile=${join(home, 'trino.jsa')}`,
      '-Djdk.attach.allowAttachSelf=true',
      '--enable-native-access=ALL-UNNAMED',
      '--add-modules=jdk.incubator.vector',
      '--sun-misc-unsafe-memory-access=allow',
      '-Dnode.id=box',
      '-Dnode.environment=box',
      `-Dnode.data-dir=${join(home, 'data')}`,
      `-Dlog.levels-file=${join(home, 'etc', 'log.properties')}`,
      `-Dconfig=${join(home, 'etc', 'config.properties')}`,
      'Boot',
    ],
    { cwd: folder },
  );
  const url = `http://127.0.0.1:${port}`;
  // It answers before its node takes work: only a query that ran proves that it is ready.
  await until('Trino', 120, () => runs(url, 'SELECT 1'), server);
  return server;
}

async function runs(url, sql) {
  let page = await (await fetch(`${url}/v1/statement`, { method: 'POST', body: sql, headers: { 'X-Trino-User': 'box' } })).json();
  while (page.nextUri !== undefined) page = await (await fetch(page.nextUri)).json();
  return page.error === undefined && page.stats?.state === 'FINISHED';
}

/** Environment of whoever talks to the box. */
export const clientEnvironment = (port) => ({
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ACCOUNT_ID: '000000000000',
  CDK_DEFAULT_ACCOUNT: '000000000000',
  CDK_DEFAULT_REGION: 'us-east-1',
  CDK_DISABLE_CLI_TELEMETRY: '1',
});

/** An emulator, a second one that enforces IAM, and Trino behind both. `home`: folder of its files; boxes side by side need one each. */
export async function startBox(home = join(BOX, 'box-1'), tools = installTools()) {
  const started = Date.now();
  const [port, authPort, trinoPort] = [await freePort(), await freePort(), await freePort()];
  const trino = `http://127.0.0.1:${trinoPort}`;
  const children = [];
  let stopped = false;
  // A test may kill Trino: it comes back, as the service would.
  const trinoAlive = async () => {
    const child = await startTrino(tools, { home, port: trinoPort, emulatorPort: port });
    children.push(child);
    writeFileSync(join(home, 'trino.pid'), String(child.pid));
    child.once('exit', () => {
      if (!stopped) trinoAlive().catch((error) => console.error(`Trino did not come back: ${error.message}`));
    });
  };
  const stop = async () => {
    stopped = true;
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(
      children.map((child) =>
        child.exitCode === null && child.signalCode === null
          ? new Promise((done) => (child.once('exit', done), setTimeout(() => child.kill('SIGKILL'), 5000).unref()))
          : undefined,
      ),
    );
  };
  try {
    await Promise.all([
      startEmulator(tools, { home, port, trino, auth: false }).then((child) => children.push(child)),
      startEmulator(tools, { home, port: authPort, trino, auth: true }).then((child) => children.push(child)),
      trinoAlive(),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  console.log(`The box is up after ${((Date.now() - started) / 1000).toFixed(0)} s: AWS at http://127.0.0.1:${port}, Trino at ${trino}`);
  return { authPort, environment: clientEnvironment(port), stop };
}
