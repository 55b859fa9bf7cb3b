/** Secrets: how a token is made, what is kept of it, and how one is compared. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 192 bits: beyond guessing, so that a fast hash of it is enough to keep. */
const TOKEN_RANDOM_BYTES = 24;

/** `rn_<tenant>_<random>`: tells a reader (and a secret scanner) what it is and whose. */
export function makeToken(tenant: string): string {
  return `rn_${tenant}_${randomBytes(TOKEN_RANDOM_BYTES).toString('base64url')}`;
}

/** What is kept in place of a secret: SHA-256, hex. */
export function hashSecret(secret: Uint8Array | string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a secret is one of those whose hashes are kept; takes the same time whichever it is, or none. */
export function matchesAny(secret: Uint8Array, hashes: readonly string[]): boolean {
  const given = createHash('sha256').update(secret).digest();
  let found = false;
  for (const hash of hashes) {
    const kept = Buffer.from(hash, 'hex');
    if (kept.length === given.length && timingSafeEqual(kept, given)) found = true;
  }
  return found;
}
