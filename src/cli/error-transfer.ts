/** Errors on their way from the background launcher to the terminal that asked for it. */
import { ExitCode, RedNodeError } from '../errors.js';
import { asRedNodeError } from './error-report.js';

export interface TransferredError {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly hint?: string | undefined;
  readonly context: Readonly<Record<string, string>>;
}

export function packError(error: unknown): TransferredError {
  const { code, message, exitCode, hint, context } = asRedNodeError(error);
  return { code, message, exitCode, hint, context };
}

export function unpackError(packed: TransferredError): RedNodeError {
  const exitCode = Object.values(ExitCode).find((code) => code === packed.exitCode) ?? ExitCode.internal;
  return new RedNodeError(packed.code, packed.message, exitCode, {
    context: packed.context,
    ...(packed.hint === undefined ? {} : { hint: packed.hint }),
  });
}
