import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Hour } from './hours';
import type { Compacted, Ledger, Range } from './lake';
import { LEDGER_KEY } from './names';

const RANGE = 'range';

/** The ledger in a DynamoDB table: an item per hour, conditional writes. */
export class DynamoLedger implements Ledger {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  async acquire(hour: Hour, run: string, { nowMs, untilMs }: { nowMs: number; untilMs: number }): Promise<'busy' | 'acquired'> {
    const taken = await this.update(hour, 'SET #holder = :run, leaseUntil = :until', 'attribute_not_exists(#holder) OR leaseUntil < :now', {
      ':run': { S: run },
      ':until': { N: String(untilMs) },
      ':now': { N: String(nowMs) },
    });
    return taken ? 'acquired' : 'busy';
  }

  async holds(hour: Hour, run: string): Promise<boolean> {
    return (await this.item(hour))?.['holder']?.S === run;
  }

  finish(hour: Hour, run: string, done: Compacted): Promise<boolean> {
    return this.update(hour, 'SET compacted = :done REMOVE #holder, leaseUntil', '#holder = :run', {
      ':run': { S: run },
      ':done': { S: JSON.stringify(done) },
    });
  }

  async release(hour: Hour, run: string): Promise<void> {
    await this.update(hour, 'REMOVE #holder, leaseUntil', '#holder = :run', { ':run': { S: run } });
  }

  async compacted(hour: Hour): Promise<Compacted | undefined> {
    return compactedIn(await this.item(hour));
  }

  async setVerified(hour: Hour, done: Compacted): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: { [LEDGER_KEY]: { S: hour } },
        UpdateExpression: 'SET verified = :run',
        ExpressionAttributeValues: { ':run': { S: runOf(done) } },
      }),
    );
  }

  async isVerified(hour: Hour): Promise<boolean> {
    const item = await this.item(hour);
    const done = compactedIn(item);
    return done !== undefined && item?.['verified']?.S === runOf(done);
  }

  async range(): Promise<Range | undefined> {
    const item = await this.item(RANGE);
    const [from, to] = [item?.['from']?.S, item?.['to']?.S];
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  async setRange({ from, to }: Range): Promise<void> {
    await this.client.send(
      new UpdateItemCommand({
        TableName: this.table,
        Key: { [LEDGER_KEY]: { S: RANGE } },
        UpdateExpression: 'SET #from = :from, #to = :to',
        ExpressionAttributeNames: { '#from': 'from', '#to': 'to' },
        ExpressionAttributeValues: { ':from': { S: from }, ':to': { S: to } },
      }),
    );
  }

  private async item(key: string): Promise<Record<string, AttributeValue> | undefined> {
    return (await this.client.send(new GetItemCommand({ TableName: this.table, Key: { [LEDGER_KEY]: { S: key } }, ConsistentRead: true })))
      .Item;
  }

  /** False if the condition did not hold. */
  private async update(hour: Hour, expression: string, condition: string, values: Record<string, AttributeValue>): Promise<boolean> {
    try {
      await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: { [LEDGER_KEY]: { S: hour } },
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#holder': 'holder' },
          ExpressionAttributeValues: values,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

function compactedIn(item: Record<string, AttributeValue> | undefined): Compacted | undefined {
  const text = item?.['compacted']?.S;
  return text === undefined ? undefined : (JSON.parse(text) as Compacted);
}

/** An hour without records has no run. */
const runOf = ({ run }: Compacted): string => run ?? 'none';
