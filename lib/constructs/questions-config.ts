import { Duration, Size } from 'aws-cdk-lib';
import { builtInQueries, Catalogue } from '../analysis/catalogue';
import { parseScope } from '../analysis/scope';
import type { Config } from '../config';
import { daysOf } from './config-durations';
import type { Imports } from './imports';
import { present } from './present';
import type { ApiProps, QuestionsProps } from './questions';
import type { AnalysisWorkgroupProps } from './analysis-workgroup';

export function questionsFromConfig({ workgroup, analyses, profiles = {}, api }: Config, imports: Imports): QuestionsProps {
  const { folders, ...same } = analyses ?? {};
  return present({
    ...same,
    catalogue: folders === undefined ? undefined : new Catalogue([builtInQueries(), ...folders]),
    profiles: Object.entries(profiles).map(([name, { scope, ...profile }]) => ({
      name,
      scope: parseScope(scope),
      parameters: profile.parameters,
      ...present({ role: profile.role }),
    })),
    workgroup: workgroup === undefined ? undefined : workgroupFromConfig(workgroup, imports),
    api: api === undefined ? undefined : apiFromConfig(api),
  });
}

const workgroupFromConfig = (
  { name, scanLimitGiB, resultsBucket, resultsExpireAfterDays, kmsKeyArn }: NonNullable<Config['workgroup']>,
  imports: Imports,
): AnalysisWorkgroupProps =>
  present({
    workGroupName: name,
    scanLimit: scanLimitGiB === undefined ? undefined : Size.mebibytes(Math.ceil(scanLimitGiB * 1024)),
    resultsBucket,
    resultsExpireAfter: daysOf(resultsExpireAfterDays),
    encryptionKey: imports.key('ResultsKey', kmsKeyArn),
  });

const apiFromConfig = ({ maxWindowMinutes, maxAgeDays, ...same }: NonNullable<Config['api']>): ApiProps =>
  present({
    ...same,
    maxWindow: maxWindowMinutes === undefined ? undefined : Duration.minutes(maxWindowMinutes),
    maxAge: daysOf(maxAgeDays),
  });
