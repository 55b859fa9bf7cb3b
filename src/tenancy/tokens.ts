/** Secrets: how a token is made, what is kept of it, and how one is compared. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { tokenIdOf, type TenantToken } from '../ipc/messages.js';

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

/** The kept form of a new secret. */
export function tokenOf(secret: string, createdAtMs: number, scope: TokenOptions = {}): TenantToken {
  const hash = hashSecret(secret);
  return { id: tokenIdOf(hash), hash, createdAtMs, ...scope };
}

export type TokenOptions = Omit<TenantToken, 'id' | 'hash' | 'createdAtMs'>;

/** Whether a secret is one of those whose hashes are kept; takes the same time whichever it is, or none. */
export function matchesAny(secret: Uint8Array, hashes: readonly string[]): boolean {
  return indexOfMatch(secret, hashes) >= 0;
}

/** The token that a secret is, found in the same time whichever it is. */
export function matchingToken(secret: Uint8Array, tokens: readonly TenantToken[]): TenantToken | undefined {
  const index = indexOfMatch(
    secret,
    tokens.map(({ hash }) => hash),
  );
  return index < 0 ? undefined : tokens[index];
}

function indexOfMatch(secret: Uint8Array, hashes: readonly string[]): number {
  const given = createHash('sha256').update(secret).digest();
  let found = -1;
  hashes.forEach((hash, index) => {
    const kept = Buffer.from(hash, 'hex');
    if (kept.length === given.length && timingSafeEqual(kept, given)) found = index;
  });
  return found;
}
