export {
  type AthenaType,
  DEFAULT_TGW_FIELDS,
  DEFAULT_VPC_FIELDS,
  type Field,
  FIELDS,
  findField,
  type LogKind,
  type ParquetType,
} from './flow-log/fields';
export { type Format, FormatError, formatOf, NAMED_FORMATS, parseFormat, printFormat, printHeader } from './flow-log/format';
export {
  type Layout,
  LAYOUTS,
  type ObjectKey,
  parseKey,
  type Partition,
  partitionFolders,
  partitionOf,
  PARTITIONS,
  printKey,
} from './flow-log/layout';
export { type Analysis, Catalogue, CatalogueError } from './analysis/catalogue';
export { type ParameterValue, RenderError } from './analysis/literal';
export { renderInsights, type RenderOptions, renderSql, type Window } from './analysis/render';
export { parseScope, type Scope } from './analysis/scope';
export { QueryError, type QueryEngine, type QueryResult } from './engine/engine';
export { type Finding, findingsOf } from './finding/finding';
export { type OcsfContext, toOcsf } from './finding/ocsf';
export { findingJsonSchema, findingSchema } from './finding/schema';
export { type Run, runAnalysis, type RunRequest, type RunTarget } from './run';
