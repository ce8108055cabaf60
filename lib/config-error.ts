import { LinesError } from './lines-error';

/** A configuration that cannot be: file, path, got and expected. Apart from the schema, whose loading takes longer than most commands. */
export class ConfigError extends LinesError {
  override name = 'ConfigError';
}
