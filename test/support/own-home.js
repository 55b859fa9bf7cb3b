/** Loaded before the tests: what they start is registered in a folder of their own, not in the user's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const home = mkdtempSync(path.join(tmpdir(), 'rednode-home-'));
process.env.REDNODE_HOME = home;
process.on('exit', () => {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});
