/** Replaces a file as a whole: a reader, or a crash at any moment, finds the old content or the new. */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_MODE = 0o600;

/** Writes beside the file, flushes to disk, renames over it, and flushes the folder. Mode 0600. */
export async function writeFileAtomically(file: string, content: string | Uint8Array): Promise<void> {
  // The global `crypto` loads when it is used: commands that only read files need not wait for it.
  const temporary = `${file}.${process.pid}.${crypto.randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', PRIVATE_MODE);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(file));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for flushing, and needs no such thing for a rename.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
