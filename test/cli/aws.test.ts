import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { flowlogs } from '../support/cli';
import { temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const nowhere = join(folder, 'none');
/** An environment in which AWS's SDK finds nothing. */
const BARE = {
  HOME: folder,
  AWS_CONFIG_FILE: nowhere,
  AWS_SHARED_CREDENTIALS_FILE: nowhere,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  AWS_PROFILE: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_MAX_ATTEMPTS: '1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: '',
};
const KEYS = { ...BARE, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

const INSIGHTS = ['query', 'top-talkers', '--engine', 'insights', '--log-group', '/vpc/flow-logs', '--from', '-1h'];
const ATHENA = ['query', 'top-talkers', '--engine', 'athena', '--workgroup', 'w', '--database', 'd', '--from', '-1h'];
const STACK = ['query', 'top-talkers', '--engine', 'athena', '--stack', 'Nowhere', '--from', '-1h'];
const BUCKET = ['describe', 's3://example-bucket/AWSLogs/'];

interface Request {
  readonly path: string;
  readonly authorization: string;
}

/** Answers everything with one error, in the form of the service. */
async function refusing<T>(code: string, message: string, use: (url: string, requests: Request[]) => Promise<T>): Promise<T> {
  const requests: Request[] = [];
  const server: Server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '' });
    const isJson = (request.headers['content-type'] ?? '').includes('json');
    response.statusCode = 400;
    if (isJson) response.setHeader('x-amzn-errortype', code);
    const inner = `<Code>${code}</Code><Message>${message}</Message>`;
    response.end(
      isJson
        ? JSON.stringify({ __type: code, message })
        : request.method === 'GET'
          ? `<Error>${inner}</Error>`
          : `<ErrorResponse><Error>${inner}</Error></ErrorResponse>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test.each<[what: string, args: readonly string[], env: Readonly<Record<string, string>>, message: RegExp]>([
  ['no Region', INSIGHTS, KEYS, /^error: AWS: no Region is set\. Name one: --region eu-central-1, AWS_REGION, or a profile/m],
  ['no Region for a stack', STACK, KEYS, /^error: AWS: no Region is set/m],
  ['no credentials', [...INSIGHTS, '--region', 'eu-central-1'], BARE, /^error: AWS: there are no credentials: run `aws sso login`/m],
  ['no credentials for a bucket', [...BUCKET, '--region', 'eu-central-1'], BARE, /^error: AWS: there are no credentials/m],
  [
    'no such profile',
    [...ATHENA, '--region', 'eu-central-1', '--aws-profile', 'nobody'],
    KEYS,
    /^error: AWS: there are no credentials in the profile nobody \(`aws configure list-profiles`/m,
  ],
  ['a Region that is none', [...INSIGHTS, '--region', 'mars'], KEYS, /'--region <name>' argument 'mars' is invalid\. expected a Region/],
])('%s is a sentence with what to do', async (_, args, env, message) => {
  const { code, stderr, stdout } = await flowlogs(args, { env });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/NodeVersionSupportWarning|Please report|\n\s+at /);
  expect([stdout, code === 0]).toEqual(['', false]);
});

test.each<[code: string, args: readonly string[], message: RegExp]>([
  ['ExpiredTokenException', INSIGHTS, /^error: AWS: the credentials have expired: run `aws sso login`/m],
  ['ExpiredToken', BUCKET, /^error: AWS: the credentials have expired/m],
  ['UnrecognizedClientException', ATHENA, /^error: AWS: the credentials are not valid here/m],
  ['AccessDeniedException', ATHENA, /^error: AWS: these credentials may not do this\. Name a profile that may/m],
  ['AccessDenied', STACK, /^error: AWS: these credentials may not do this/m],
  ['AccessDenied', BUCKET, /^error: AWS: these credentials may not do this/m],
  ['NoSuchBucket', BUCKET, /^error: AWS: there is no such bucket/m],
])('%s of `%s` is a sentence with what to do', async (code, args, message) => {
  await refusing(code, 'in the words of AWS', async (url) => {
    const { stderr, code: exit } = await flowlogs([...args, '--region', 'eu-central-1'], { env: { ...KEYS, AWS_ENDPOINT_URL: url } });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(new RegExp(`\\((?:s3://\\S+: )?${code}`));
    expect(stderr).not.toMatch(/NodeVersionSupportWarning|Please report|\n\s+at /);
    expect(exit).toBe(1);
  });
});

test('a stack that does not exist is named', async () => {
  await refusing('ValidationError', 'Stack with id Nowhere does not exist', async (url) => {
    const { stderr, code } = await flowlogs([...STACK, '--region', 'eu-central-1'], { env: { ...KEYS, AWS_ENDPOINT_URL: url } });
    expect(stderr).toContain('stack "Nowhere": not found in this account and Region');
    expect(code).toBe(2);
  });
});

test('a query is printed without an account: --dry-run says why there is no estimate, and is no failure', async () => {
  const { code, stdout, stderr } = await flowlogs([...INSIGHTS, '--dry-run'], { env: BARE });
  expect(stdout).toContain('| stats sum(bytes)');
  expect(stderr).toMatch(/^No estimate of what it would scan\. AWS: no Region is set/m);
  expect(code).toBe(0);
});

test('--region and --aws-profile override the environment', async () => {
  const config = writeLog(folder, 'config', '[profile other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n');
  await refusing('AccessDenied', 'no', async (url, requests) => {
    const env = { ...KEYS, AWS_REGION: 'us-east-1', AWS_CONFIG_FILE: config, AWS_ENDPOINT_URL: url };
    await flowlogs([...STACK, '--region', 'eu-west-3', '--aws-profile', 'other'], { env });
    expect(requests[0]?.authorization).toMatch(/Credential=AKIAOTHER\/\d+\/eu-west-3\//);
  });
});

test('every command that reaches AWS takes both', async () => {
  for (const command of 'query sql insights describe explore report detect explain tune replay convert compact verify-lake fetch'.split(
    ' ',
  )) {
    const { stdout } = await flowlogs([command, '--help']);
    expect([command, stdout]).toEqual([command, expect.stringContaining('AWS: --region, --aws-profile')]);
  }
});
