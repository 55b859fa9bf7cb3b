/** `rednode shell --json`: a JSON value a line on stdout, the error that ends it as one JSON object on stderr. */
import type { BatchFormat } from '../shell/batch.js';
import { errorJson } from './error-report.js';
import { jsonText } from './output.js';
import { programName } from './program-name.js';
import { replyJson } from './reply-json.js';

export function jsonBatchFormat(debug: boolean): BatchFormat {
  return {
    reply: (reply) => `${jsonText(replyJson(reply), true)}\n`,
    error: (error) => `${JSON.stringify(errorJson(error, debug, programName()))}\n`,
  };
}
