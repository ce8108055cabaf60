/** Memory of functions that list the raw objects of all accounts and Regions. */

/**
 * Answers of S3 are read with the processor: some 4 ms a listing and 4 more for a hundred keys. Memory buys processor time, all of one
 * from 1,769 MB on. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const WHOLE_PROCESSOR_MIB = 1769;
/** With these a part of a processor lists two days in two minutes. */
const FEW_FOLDERS = 1000;

/** Folders that objects are delivered to at a time. */
export const foldersOf = ({ accounts, regions }: { readonly accounts: readonly string[]; readonly regions: readonly string[] }) => ({
  folders: accounts.length * regions.length,
});

/** @param usual MiB of a function that lists a few folders */
export const listingMemory = (usual: number, places: readonly { readonly folders: number }[]): number =>
  places.reduce((sum, { folders }) => sum + folders, 0) > FEW_FOLDERS ? WHOLE_PROCESSOR_MIB : usual;
