// Prints the Python that the reference reader runs on, installed if it is not there yet; or, with exit 1, what the machine lacks.
import { installVenv, MissingTool } from '../support/venv.mjs';

const ARROW_VERSION = '26.0.1';
const ZSTANDARD_VERSION = '0.25.0';

try {
  process.stdout.write(
    installVenv(`fuzz-${ARROW_VERSION}-${ZSTANDARD_VERSION}`, `pyarrow ${ARROW_VERSION} and zstandard ${ZSTANDARD_VERSION}`, [
      `pyarrow==${ARROW_VERSION}`,
      `zstandard==${ZSTANDARD_VERSION}`,
    ]),
  );
} catch (error) {
  if (!(error instanceof MissingTool)) throw error;
  process.stdout.write(error.message);
  process.exitCode = 1;
}
