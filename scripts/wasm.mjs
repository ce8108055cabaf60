// Builds dist/cut.wasm, the check of regular text; its memory is the caller's.
import { mkdirSync } from 'node:fs';
import asc from 'assemblyscript/asc';

mkdirSync('dist', { recursive: true });
const { error, stderr } = await asc.main(
  'wasm/cut.ts --outFile dist/cut.wasm --optimizeLevel 3 --noAssert --runtime stub --enable simd --importMemory'.split(' '),
);
if (error) throw new Error(`wasm/cut.ts: ${stderr.toString()}`, { cause: error });
