import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { STATE } from './names';
import type { Continuation, Continuations, Quota } from './pages';

/** Athena keeps results that it manages for a day. */
const TOKEN_SECONDS = 20 * 3600;
const QUOTA_SECONDS = 300;

/** Tokens and quotas in one DynamoDB table; both end by time to live. */
export class DynamoState implements Continuations, Quota {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly callsPerMinute: number,
    private readonly now: () => number,
  ) {}

  async save(token: string, continuation: Continuation): Promise<void> {
    await this.client.send(
      new PutItemCommand({
        TableName: this.table,
        Item: {
          [STATE.key]: { S: `token#${token}` },
          [STATE.expires]: { N: String(Math.floor(this.now() / 1000) + TOKEN_SECONDS) },
          continuation: { S: JSON.stringify(continuation) },
        },
      }),
    );
  }

  async load(token: string): Promise<Continuation | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: { [STATE.key]: { S: `token#${token}` } }, ConsistentRead: true }),
    );
    const text = Item?.['continuation']?.S;
    // Expired items are deleted days later.
    if (text === undefined || Number(Item?.[STATE.expires]?.N ?? 0) * 1000 < this.now()) return undefined;
    return JSON.parse(text) as Continuation;
  }

  async take(caller: string, minute: number): Promise<boolean> {
    try {
      await this.client.send(
        new UpdateItemCommand({
          TableName: this.table,
          Key: { [STATE.key]: { S: `calls#${caller}#${minute}` } },
          UpdateExpression: 'ADD calls :one SET #expires = :expires',
          ConditionExpression: 'attribute_not_exists(calls) OR calls < :most',
          ExpressionAttributeNames: { '#expires': STATE.expires },
          ExpressionAttributeValues: {
            ':one': { N: '1' },
            ':most': { N: String(this.callsPerMinute) },
            ':expires': { N: String(minute * 60 + QUOTA_SECONDS) },
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
