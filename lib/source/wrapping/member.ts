/** A file within a wrapping. */
export interface Member {
  /** Its name within an archive; undefined where the wrapping holds nothing else. */
  readonly name: string | undefined;
  readonly content: AsyncIterable<Buffer>;
}

/** Reads the members one after the other, in the order of the wrapping. @returns once the member's content was read */
export type TakeMember = (member: Member) => Promise<void>;

/** What could not be read, and why. */
export interface Trouble {
  /** Undefined for the wrapping itself. */
  readonly name: string | undefined;
  readonly why: string;
  /** Whether something that was there is lost, rather than something that is no flow log passed over. */
  readonly damage: boolean;
}
