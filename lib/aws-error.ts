/** What to do about an error of AWS, whose own words say only what happened. */

const LOGIN = 'run `aws sso login`, or name another profile: --aws-profile NAME or AWS_PROFILE';

/** By what AWS's SDK and services name or word their errors, the first that fits. */
const SENTENCES: readonly [pattern: RegExp, sentence: string][] = [
  [
    /Region is missing|Region not accepted/i,
    'AWS: no Region is set. Name one: --region eu-central-1, AWS_REGION, or a profile that has one (--aws-profile NAME)',
  ],
  [
    /ExpiredToken|TokenRefreshRequired|RequestExpired|token.{0,40}(?:is|has) expired|session.{0,60}expired/i,
    `AWS: the credentials have expired: ${LOGIN}`,
  ],
  [/CredentialsProvider|TokenProvider|Could not load credentials/i, `AWS: there are no credentials{profile}: ${LOGIN}`],
  [
    /UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|InvalidToken/i,
    `AWS: the credentials are not valid here: ${LOGIN}`,
  ],
  [
    /AccessDenied|NotAuthorized|UnauthorizedOperation|^Forbidden|^403\b/i,
    'AWS: these credentials may not do this. Name a profile that may (--aws-profile NAME), or have it allowed: docs/deploy.md lists the permissions',
  ],
  [/NoSuchBucket/i, 'AWS: there is no such bucket'],
  [/PermanentRedirect|AuthorizationHeaderMalformed/i, 'AWS: the bucket is in another Region: name it with --region'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/,
    'AWS cannot be reached from here. Check the Region (--region), the network and AWS_ENDPOINT_URL',
  ],
];

const isOfSdk = (error: Error): boolean =>
  '$metadata' in error ||
  '$fault' in error ||
  /Provider(?:Error)?$/.test(error.name) ||
  /^Region (?:is missing|not accepted)/.test(error.message);

/**
 * A sentence for errors that AWS, or its SDK, reports, also as the cause of another; undefined for any other.
 * @param met the message of the error that it is the cause of
 */
export function awsSentence(error: unknown, met?: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!isOfSdk(error)) return awsSentence(error.cause, met ?? error.message);
  const { name, message } = error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const text = `${name} ${code} ${message}`;
  const sentence = SENTENCES.find(([pattern]) => pattern.test(name) || pattern.test(code) || pattern.test(message))?.[1];
  const { AWS_PROFILE: profile = '' } = process.env;
  const whose = profile === '' ? '' : ` in the profile ${profile} (\`aws configure list-profiles\` lists all)`;
  // Our words for it name what could not be read or requested.
  const said = (met ?? text).replace(/\s+/g, ' ').trim();
  if (sentence !== undefined) return `${sentence.replace('{profile}', whose)} (${said})`;
  return '$metadata' in error ? `AWS refused: ${said}` : undefined;
}
