import { GetTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue';
import { RELATIONS, type RelationName } from '../analysis/relations';
import { anyHourSql } from '../analysis/view';
import { type AthenaClients, AthenaHours } from './athena-hours';
import type { Hour } from './hours';
import type { Inventory, Lake, Totals } from './lake';
import { TEMPORARY_PREFIX } from './names';
import { HELD_PARAMETERS, keptTable, MADE, SOURCE } from './relations';
import { RawObjects, rawTables } from './raw-objects';
import type { RelationsSettings } from './settings';

/** Relations are not a copy, so there is no sum to compare. */
const NO_TOTALS: Totals = { records: 0, bytes: 0, packets: 0 };

/** Unix seconds `[from, to)` of the records whose relations are there. */
export interface Held {
  readonly from: number;
  readonly to: number;
}

/** The relations of raw records in S3, an hour of delivery at a time; an hour that is not over is made again as its objects come. */
export class AthenaRelations implements Lake {
  private readonly tables;
  private readonly raws;
  private readonly hours;

  constructor(
    private readonly settings: RelationsSettings,
    private readonly clients: AthenaClients,
  ) {
    this.tables = rawTables(settings.tables, settings.places);
    this.raws = new RawObjects(clients.s3, this.tables);
    this.hours = new AthenaHours(settings, clients);
  }

  inventories(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, Inventory>> {
    return this.raws.inventories(hours);
  }

  raw(): Promise<Totals> {
    return Promise.resolve(NO_TOTALS);
  }

  shown(): Promise<Totals> {
    return Promise.resolve(NO_TOTALS);
  }

  /** The records are read twice: for the conversations, and for what is said of interfaces without traffic. */
  async write(hour: Hour, run: string): Promise<Totals> {
    const temporary = (name: RelationName) => `${TEMPORARY_PREFIX}${run}_${name}`;
    const records = `(\n${anyHourSql(this.tables, hour)}\n)`;
    const make = (name: RelationName) =>
      this.hours.create(
        temporary(name),
        name,
        hour,
        run,
        this.settings.relations[name].replaceAll(SOURCE, records).replaceAll(`"${MADE}"`, this.hours.qualified(temporary('conversations'))),
      );
    try {
      await make('conversations');
      await Promise.all(RELATIONS.filter((name) => name !== 'conversations').map(make));
      return NO_TOTALS;
    } finally {
      await Promise.all(RELATIONS.map((name) => this.hours.drop(temporary(name))));
    }
  }

  async point(hour: Hour, run: string): Promise<void> {
    for (const name of RELATIONS) await this.hours.point(keptTable(name), name, hour, run);
  }

  /** What is there is published by {@link publishHeld}, which knows the time to the minute. */
  async publish(): Promise<void> {
    return Promise.resolve();
  }

  async publishHeld({ from, to }: Held): Promise<void> {
    const { database } = this.settings;
    const DatabaseName = database;
    const { Table } = await this.clients.glue.send(new GetTableCommand({ DatabaseName, Name: keptTable('conversations') }));
    if (Table === undefined) throw new Error(`${database}.${keptTable('conversations')}: no such table`);
    const { Name, Description, Owner, Retention, StorageDescriptor, PartitionKeys, TableType, Parameters } = Table;
    await this.clients.glue.send(
      new UpdateTableCommand({
        DatabaseName,
        TableInput: {
          ...{ Name, Description, Owner, Retention, StorageDescriptor, PartitionKeys, TableType },
          Parameters: { ...Parameters, [HELD_PARAMETERS.from]: String(from), [HELD_PARAMETERS.to]: String(to) },
        },
      }),
    );
  }

  async verified(): Promise<void> {
    return Promise.resolve();
  }

  async sweep(hour: Hour, keep: string): Promise<void> {
    for (const name of RELATIONS) await this.hours.sweep(name, hour, keep);
  }
}
