/** The documents that hold transcripts or files, and those that are written from the code as a whole. */
import { commandReference, exitCodePage } from './reference.js';

export const withTranscript: readonly string[] = ['README.md', 'docs/tenants.md'];

export const withFiles: readonly string[] = ['docs/library.md'];

export const generated: readonly { readonly file: string; readonly content: () => string }[] = [
  { file: 'docs/commands.md', content: commandReference },
  { file: 'docs/exit-codes.md', content: exitCodePage },
];
