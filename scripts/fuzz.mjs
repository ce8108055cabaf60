// Many random files against the reference reader in Python: npm run fuzz -- [FILES] [SEED]
import { spawnSync } from 'node:child_process';

const [files = '20000', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
console.log(`${files} files, seed ${seed}`);
const { status } = spawnSync('npx', ['jest', 'test/source/fuzz'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_FILES: files, FUZZ_SEED: seed },
});
process.exitCode = status ?? 1;
