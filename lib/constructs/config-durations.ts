import { Duration } from 'aws-cdk-lib';
import { durationSeconds } from '../analysis/duration';

/** `15m`, as a configuration spells it. */
export const durationOf = (text: string | undefined) => (text === undefined ? undefined : Duration.seconds(durationSeconds(text) ?? 0));

export const daysOf = (days: number | undefined) => (days === undefined ? undefined : Duration.days(days));
