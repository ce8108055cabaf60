/** What there is to do for a network: objects, listings, runs. */
import { Catalogue } from '../../lib/analysis/catalogue';
import { DELIVERY_LAG_SECONDS, spreadMinutes } from '../../lib/analysis/schedule';
import { LIST_PRICES } from '../../lib/cost/prices';
import { type EstimatedSchedule, schedulesOf } from '../../lib/cost/schedules';
import { QUERY_SECONDS, RAW_FILES_AN_HOUR, READS_A_FILE, RUN_SECONDS, runGb, type WatchRequest } from '../../lib/cost/watch';
import { listingMemory, WHOLE_PROCESSOR_MIB } from '../../lib/constructs/listing-memory';
import { parseFormat, sqlNameOf } from '../../lib/flow-log/format';
import { LISTINGS_AT_ONCE } from '../../lib/lake/raw-objects';
import { ASSUMED, FUNCTIONS, RAW_HOURS_BESIDE_LAKE } from './assumed';
import type { Network } from './network';

export const foldersOf = ({ accounts, regions }: Network): number => accounts * regions;
export const objectsAnHour = (network: Network): number => foldersOf(network) * network.flowLogs * RAW_FILES_AN_HOUR;

/** Keys that S3 gives in one answer. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const PAGE = 1000;

export interface ListedTime {
  /** Folders of days, and hours of them that are asked for. */
  readonly days: number;
  readonly hours: number;
}

/** Requests to list the objects of hours in each account and Region. */
export function listings(network: Network, { days, hours }: ListedTime): number {
  const keysADay = (network.flowLogs * RAW_FILES_AN_HOUR * hours) / days;
  return foldersOf(network) * days * Math.max(1, Math.ceil(keysADay / PAGE));
}

/** Seconds of them: of the answers, or of the processor that reads them. @param usualMiB memory of the function in a small network */
export function listingSeconds(network: Network, time: ListedTime, usualMiB: number): number {
  const requests = listings(network, time);
  const keys = objectsAnHour(network) * time.hours;
  const memory = listingMemory(usualMiB, [{ folders: foldersOf(network) }]);
  const processors = Math.min(1, memory / WHOLE_PROCESSOR_MIB);
  const answers = (requests * ASSUMED.listingSeconds) / LISTINGS_AT_ONCE;
  return Math.max(answers, (requests * ASSUMED.processorListing + keys * ASSUMED.processorKey) / processors);
}

/** Seconds in which Athena opens the raw objects of hours. */
export const openingSeconds = (network: Network, hours: number): number =>
  (objectsAnHour(network) * hours * READS_A_FILE) / ASSUMED.readsPerSecond;

export const CATALOGUE = new Catalogue();

/** What a stack without configuration runs. */
export const SCHEDULES: readonly EstimatedSchedule[] = schedulesOf(CATALOGUE, parseFormat('recommended').names.map(sqlNameOf));

export const watchOf = ({ gbPerDay }: Network): WatchRequest => ({ gbPerDay, parquet: true, schedules: SCHEDULES, prices: LIST_PRICES });

/** Hours of raw objects that a run reads. */
export function rawHours({ reads }: EstimatedSchedule, lake: boolean): number {
  const hours = reads.reduce((sum, { table, hours, passes }) => sum + (table === 'records' ? hours * passes : 0), 0);
  return lake ? Math.min(hours, RAW_HOURS_BESIDE_LAKE) : hours;
}

export function runSeconds(network: Network, schedule: EstimatedSchedule, lake: boolean): number {
  const reading = runGb(schedule, watchOf(network)) / ASSUMED.athenaGbPerSecond;
  return RUN_SECONDS + schedule.queries * QUERY_SECONDS + reading + openingSeconds(network, rawHours(schedule, lake));
}

/** The schedule of which something is largest, and how large. */
export function largest(measure: (schedule: EstimatedSchedule) => number): { readonly name: string; readonly value: number } {
  const all = SCHEDULES.map((schedule) => ({ name: schedule.name, value: measure(schedule) }));
  return all.reduce((most, one) => (one.value > most.value ? one : most));
}

const DAY_MINUTES = 1440;

/** Runs of a watch that are under way in the busiest minute of a day. */
export function runsAtOnce(network: Network, lake: boolean): number {
  const busy = new Array<number>(DAY_MINUTES).fill(0);
  for (const schedule of SCHEDULES) {
    const [every, first] = [schedule.everySeconds / 60, DELIVERY_LAG_SECONDS.athena / 60 + spreadMinutes(schedule.name)];
    const lasts = Math.ceil(Math.min(FUNCTIONS.run.seconds, runSeconds(network, schedule, lake)) / 60);
    for (let begin = first; begin < first + DAY_MINUTES; begin += every)
      for (let minute = begin; minute < begin + lasts; minute++) {
        const at = minute % DAY_MINUTES;
        busy[at] = (busy[at] ?? 0) + 1;
      }
  }
  return Math.max(...busy);
}
