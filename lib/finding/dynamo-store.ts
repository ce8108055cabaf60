import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { FindingState } from './finding';
import type { IncidentStore, StoredIncident } from './join-incident';
import { STORE } from './names';
import type { FindingStore, Pending, StoredFinding } from './store';

type Item = Record<string, AttributeValue>;

const KEPT = ['times', 'measure', 'toldMeasure', 'toldSeverity', 'rows'] as const;
/** Of items that versions before 0.2 wrote: nothing is more severe, so that an upgrade reports nothing again. */
const BEFORE = { toldSeverity: 'critical' } as const;

function itemOf({ state, detection, parameters, pending, pendingSince, revision, expires }: StoredFinding): Item {
  const kept = Object.fromEntries(KEPT.map((name) => [name, state[name]]));
  return {
    [STORE.key]: { S: state.key },
    [STORE.id]: { S: state.id },
    [STORE.expires]: { N: String(expires) },
    revision: { N: String(revision) },
    detection: { S: detection },
    incident: { S: JSON.stringify(kept) },
    ...(parameters === undefined ? {} : { parameters: { S: JSON.stringify(parameters) } }),
    ...(pending === undefined
      ? {}
      : { [STORE.pending]: { S: detection }, [STORE.pendingSince]: { N: String(pendingSince ?? 0) }, tell: { S: pending } }),
  };
}

function storedOf(item: Item): StoredFinding {
  const kept = JSON.parse(item['incident']?.S ?? '{}') as Pick<FindingState, (typeof KEPT)[number]>;
  const tell = item['tell']?.S as Pending | undefined;
  return {
    state: { id: item[STORE.id]?.S ?? '', key: item[STORE.key]?.S ?? '', ...BEFORE, ...kept },
    detection: item['detection']?.S ?? '',
    ...(item['parameters']?.S === undefined ? {} : { parameters: JSON.parse(item['parameters'].S) as StoredFinding['parameters'] }),
    revision: Number(item['revision']?.N ?? 0),
    expires: Number(item[STORE.expires]?.N ?? 0),
    ...(tell === undefined
      ? {}
      : { pending: tell, pendingSince: Number(item[STORE.pendingSince]?.N ?? 0), toldBy: item['toldBy']?.SS ?? [] }),
  };
}

/** Before the actor in the key of an incident's item; no detection has such an id. */
const INCIDENT_PREFIX = 'incident:';
/** Open incidents in the index of what is pending. */
const OPEN = 'incident:open';

const incidentItem = ({ actor, of, openSince, revision, expires }: StoredIncident): Item => ({
  [STORE.key]: { S: `${INCIDENT_PREFIX}${actor}` },
  [STORE.id]: { S: INCIDENT_PREFIX },
  [STORE.expires]: { N: String(expires) },
  revision: { N: String(revision) },
  actor: { S: actor },
  of: { S: JSON.stringify(of) },
  ...(openSince === undefined ? {} : { [STORE.pending]: { S: OPEN }, [STORE.pendingSince]: { N: String(openSince) } }),
});

const incidentOf = (item: Item): StoredIncident => ({
  actor: item['actor']?.S ?? '',
  of: JSON.parse(item['of']?.S ?? '{}') as StoredIncident['of'],
  openSince: item[STORE.pendingSince] === undefined ? undefined : Number(item[STORE.pendingSince]?.N),
  revision: Number(item['revision']?.N ?? 0),
  expires: Number(item[STORE.expires]?.N ?? 0),
});

const isIncident = (item: Item): boolean => item[STORE.key]?.S?.startsWith(INCIDENT_PREFIX) === true;

/** Findings and incidents in a DynamoDB table: one item each, conditional writes, forgotten by time to live. */
export class DynamoStore implements FindingStore, IncidentStore {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  async findings(key: string): Promise<StoredFinding[]> {
    return (await this.ofKey(key)).map(storedOf);
  }

  async untold(detection: string, beforeMs: number): Promise<StoredFinding[]> {
    return (await this.pending(detection, beforeMs)).map(storedOf);
  }

  async incident(actor: string): Promise<StoredIncident | undefined> {
    return (await this.ofKey(`${INCIDENT_PREFIX}${actor}`)).map(incidentOf)[0];
  }

  async quietIncidents(beforeMs: number): Promise<StoredIncident[]> {
    return (await this.pending(OPEN, beforeMs)).map(incidentOf);
  }

  saveIncident(stored: StoredIncident): Promise<boolean> {
    return this.put(incidentItem({ ...stored, revision: stored.revision + 1 }), stored.revision);
  }

  /** Findings with a row in `[from, to)`, Unix seconds. Reads the whole table, which holds what is not forgotten yet. */
  async between(from: number, to: number): Promise<StoredFinding[]> {
    const found: StoredFinding[] = [];
    let start: Item | undefined;
    do {
      const page = await this.client.send(
        new ScanCommand({ TableName: this.table, ...(start === undefined ? {} : { ExclusiveStartKey: start }) }),
      );
      found.push(...(page.Items ?? []).filter((item) => !isIncident(item)).map(storedOf));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found.filter(({ state }) => state.times.some((time) => Date.parse(time) / 1000 >= from && Date.parse(time) / 1000 < to));
  }

  private ofKey(key: string): Promise<Item[]> {
    return this.query({
      ConsistentRead: true,
      KeyConditionExpression: '#key = :key',
      ExpressionAttributeNames: { '#key': STORE.key },
      ExpressionAttributeValues: { ':key': { S: key } },
    });
  }

  private pending(what: string, beforeMs: number): Promise<Item[]> {
    return this.query({
      IndexName: STORE.pendingIndex,
      KeyConditionExpression: '#pending = :what AND #since < :before',
      ExpressionAttributeNames: { '#pending': STORE.pending, '#since': STORE.pendingSince },
      ExpressionAttributeValues: { ':what': { S: what }, ':before': { N: String(beforeMs) } },
    });
  }

  private async query(input: Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName'>): Promise<Item[]> {
    const found: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({ ...input, TableName: this.table, ...(start === undefined ? {} : { ExclusiveStartKey: start }) }),
      );
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }

  save(stored: StoredFinding): Promise<boolean> {
    return this.put(itemOf({ ...stored, revision: stored.revision + 1 }), stored.revision);
  }

  private put(Item: Item, revision: number): Promise<boolean> {
    return unlessChanged(
      this.client.send(
        new PutItemCommand({
          TableName: this.table,
          Item,
          ...(revision === 0
            ? { ConditionExpression: 'attribute_not_exists(revision)' }
            : { ConditionExpression: 'revision = :revision', ExpressionAttributeValues: { ':revision': { N: String(revision) } } }),
        }),
      ),
    );
  }

  claim(stored: StoredFinding, nowMs: number): Promise<boolean> {
    return this.update(stored, 'SET #since = :now', { ':now': { N: String(nowMs) } });
  }

  async told(stored: StoredFinding): Promise<void> {
    await this.update(stored, 'REMOVE #since, #pending, tell, toldBy', {}, { '#pending': STORE.pending });
  }

  async release(stored: StoredFinding, toldBy: readonly string[]): Promise<void> {
    await this.update(stored, toldBy.length === 0 ? 'SET #since = :nobody' : 'SET #since = :nobody, toldBy = :toldBy', {
      ':nobody': { N: '0' },
      ...(toldBy.length === 0 ? {} : { ':toldBy': { SS: [...toldBy] } }),
    });
  }

  private update(stored: StoredFinding, expression: string, values: Item, names: Record<string, string> = {}): Promise<boolean> {
    return unlessChanged(
      this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: { [STORE.key]: { S: stored.state.key }, [STORE.id]: { S: stored.state.id } },
          UpdateExpression: expression,
          ConditionExpression: '#since = :since',
          ExpressionAttributeNames: { '#since': STORE.pendingSince, ...names },
          ExpressionAttributeValues: { ':since': { N: String(stored.pendingSince ?? 0) }, ...values },
        }),
      ),
    );
  }
}

async function unlessChanged(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
