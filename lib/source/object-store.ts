import { createReadStream, promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { type S3Client, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { ObjectStore } from './writer';

/** Objects as files below a folder. */
export class FolderStore implements ObjectStore {
  constructor(private readonly folder: string) {}

  private copies = 0;

  async size(key: string): Promise<number | undefined> {
    return (await fs.stat(join(this.folder, key)).catch(() => undefined))?.size;
  }

  /** The draft may be on another disk: it is copied next to its destination, then renamed. */
  async publish(key: string, draft: string): Promise<void> {
    const path = join(this.folder, key);
    await fs.mkdir(dirname(path), { recursive: true });
    try {
      await fs.rename(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      const near = join(dirname(path), `.${process.pid}-${++this.copies}.partial`);
      await fs.copyFile(draft, near);
      await fs.rename(near, path);
      await fs.rm(draft);
    }
  }
}

/** Objects in a bucket; one PutObject each, which S3 shows whole or not at all. */
export class BucketStore implements ObjectStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {}

  async size(key: string): Promise<number | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }))).ContentLength;
    } catch (error) {
      if (['NotFound', 'NoSuchKey'].includes((error as Error).name)) return undefined;
      throw error;
    }
  }

  async publish(key: string, draft: string): Promise<void> {
    const { size } = await fs.stat(draft);
    await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: createReadStream(draft), ContentLength: size }));
    await fs.rm(draft);
  }
}
