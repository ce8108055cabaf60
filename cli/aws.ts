/** Which account and Region of AWS a command speaks to. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { isRegion } from '../lib/flow-log/region';
import { commonOptions, type OptionsOf } from './option-group';

const region = (text: string) => {
  if (!isRegion(text)) throw new InvalidArgumentError('expected a Region such as eu-central-1.');
  return text;
};

/** Credentials of the environment, which the SDK would take before a profile. */
const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** They override the environment, as with the AWS CLI; clients, and processes that this one starts, read them there. */
export const AWS = commonOptions('AWS', (command) =>
  command
    .addOption(new Option('--region <name>', 'AWS Region (default: AWS_REGION, else that of the profile)').argParser(region))
    .option('--aws-profile <name>', 'profile in ~/.aws for credentials and Region (default: AWS_PROFILE)')
    .hook('preAction', (_, acting) => {
      const { region: name, awsProfile }: { region?: string; awsProfile?: string } = acting.opts();
      if (name !== undefined) process.env['AWS_REGION'] = name;
      if (awsProfile === undefined) return;
      process.env['AWS_PROFILE'] = awsProfile;
      for (const key of KEYS) Reflect.deleteProperty(process.env, key);
    }),
);

export type AwsOptions = Partial<OptionsOf<typeof AWS>>;

/**
 * The SDK warns of Node versions that its releases of 2027 leave. The command carries its own release of the SDK, which supports every
 * Node that package.json allows, so a user can do nothing about the warning. test/cli/aws.test.ts holds the two together.
 */
export function silenceSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}
