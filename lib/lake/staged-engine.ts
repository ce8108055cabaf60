import type { GlueClient } from '@aws-sdk/client-glue';
import { stagesOf, tablesNamed } from '../analysis/stages';
import type { QueryEngine, QueryOptions, QueryResult, QueryStream } from '../engine/engine';
import { AthenaTables } from './athena-tables';
import { TEMPORARY_PREFIX } from './names';

export interface StagedEngineSettings {
  readonly database: string;
  /** `s3://bucket/folder` of the stages' files; the bucket forgets them. */
  readonly location: string;
  /** `database.table`: a query that reads none of these is run as it is. */
  readonly of: ReadonlySet<string>;
}

export interface StagedEngineClients {
  /** Runs what reads. */
  readonly engine: QueryEngine;
  /** Creates tables, in a workgroup in which a query can set the location of its table. */
  readonly maker: QueryEngine;
  readonly glue: GlueClient;
  /** A name that no run had before. */
  readonly newRun: () => string;
}

/** Athena that reads nothing twice in one query: what the text names more than once becomes a table for as long as the query runs. */
export class StagedEngine implements QueryEngine {
  readonly name;
  readonly language;
  private readonly tables: AthenaTables;

  constructor(
    private readonly settings: StagedEngineSettings,
    private readonly clients: StagedEngineClients,
  ) {
    this.name = clients.engine.name;
    this.language = clients.engine.language;
    this.tables = new AthenaTables(settings.database, clients.maker, clients.glue);
  }

  async run(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    if (!tablesNamed(query).some((table) => this.settings.of.has(table))) return this.clients.engine.run(query, options);
    const run = this.clients.newRun();
    const table = (stage: string) => `${TEMPORARY_PREFIX}${run}_${stage.toLowerCase()}`;
    const { stages, sql } = stagesOf(query, (stage) => this.tables.qualified(table(stage)));
    let bytesScanned = 0;
    let elapsedMs = 0;
    try {
      for (const stage of stages) {
        const { stats } = await this.tables.create(table(stage.name), `${this.settings.location}/run=${run}/${stage.name}/`, stage.sql, {
          signal: options.signal,
        });
        bytesScanned += stats.bytesScanned ?? 0;
        elapsedMs += stats.elapsedMs;
      }
      const result = await this.clients.engine.run(sql, options);
      const { stats } = result;
      return {
        ...result,
        stats: {
          ...stats,
          bytesScanned: stats.bytesScanned === undefined ? undefined : stats.bytesScanned + bytesScanned,
          elapsedMs: stats.elapsedMs + elapsedMs,
        },
      };
    } finally {
      await Promise.all(stages.map(({ name }) => this.tables.drop(table(name))));
    }
  }

  /** Unchanged: a stream is queried once and reads little. */
  stream(query: string, options?: QueryOptions): Promise<QueryStream> {
    return this.clients.engine.stream(query, options);
  }
}
