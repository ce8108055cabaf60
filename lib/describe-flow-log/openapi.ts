/** The API as OpenAPI, made of what the handler itself reads. */
import { ITEM_FIELDS, NAMESPACE_URI } from './answer';
import { ERRORS, PARAMETERS } from './request';

const REQUIRED: readonly string[] = ['Action'];

const ROUTES = {
  '/': 'Records of the account of the caller',
  '/admin': 'Records of any account, for principals that IAM allows to invoke this route',
} as const;

const json = (schema: string) => ({ content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } });

const codesOf = (status: number): string =>
  Object.entries(ERRORS)
    .filter(([, own]) => own === status)
    .map(([code]) => code)
    .join(', ');

const operation = (summary: string) => ({
  get: {
    operationId: 'DescribeFlowLog',
    summary,
    security: [{ sigv4: [] as string[] }],
    parameters: Object.entries(PARAMETERS).map(([name, description]) => ({
      name,
      in: 'query',
      required: REQUIRED.includes(name),
      description,
      schema: name === 'Action' ? { type: 'string', enum: [PARAMETERS.Action] } : { type: 'string' },
    })),
    responses: Object.fromEntries([
      [200, { description: 'Records, sorted by start', ...json('Answer') }] as const,
      ...[...new Set(Object.values(ERRORS))].map((status) => [status, { description: codesOf(status), ...json('Error') }] as const),
    ]),
  },
});

/** @public */
export const openApi = () => ({
  openapi: '3.0.3',
  info: { title: 'DescribeFlowLog', version: '1', description: 'VPC flow logs over HTTPS, signed with SigV4 for the service execute-api.' },
  paths: { '/': operation(ROUTES['/']), '/admin': operation(ROUTES['/admin']) },
  components: {
    securitySchemes: { sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' } },
    schemas: {
      Answer: {
        type: 'object',
        required: ['DescribeFlowLogResponse'],
        properties: {
          DescribeFlowLogResponse: {
            type: 'object',
            required: ['@xmlns', 'requestId', 'value'],
            properties: {
              '@xmlns': { type: 'string', enum: [NAMESPACE_URI] },
              requestId: { type: 'string' },
              value: {
                type: 'object',
                required: ['item'],
                properties: { item: { type: 'array', items: { $ref: '#/components/schemas/Item' } } },
              },
              nextToken: { type: 'string', description: 'Token for the next call: there are more records, or the query is still running' },
            },
          },
        },
      },
      Item: {
        type: 'object',
        required: [...ITEM_FIELDS],
        properties: Object.fromEntries(ITEM_FIELDS.map((name) => [name, { type: 'string' }])),
      },
      Error: {
        type: 'object',
        properties: {
          Response: {
            type: 'object',
            properties: {
              Errors: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { Code: { type: 'string', enum: Object.keys(ERRORS) }, Message: { type: 'string' } },
                },
              },
              RequestID: { type: 'string' },
            },
          },
        },
      },
    },
  },
});
