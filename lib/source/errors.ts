import { LinesError } from '../lines-error';

/** Input that cannot be read. The message names the file, what was got, what was expected and how to go on. */
export class SourceError extends LinesError {
  override name = 'SourceError';
}

/** Not regular in every byte: the unit is read again line by line, or object by object. */
export class IrregularError extends Error {
  override name = 'IrregularError';
}

/** A compressed member that ends too early, contradicts its checksum, or is none. */
export class DamageError extends Error {
  override name = 'DamageError';
}
