/** Input that cannot be read. The message names the file, what was got, what was expected and how to go on. */
export class SourceError extends Error {
  override name = 'SourceError';
}
