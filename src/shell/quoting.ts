/** Bytes as text that is safe on a terminal: quoted as redis-cli does, or bare with control characters made visible. */

/** Escapes of one character, as `sdscatrepr` in Redis's sds.c writes them. */
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

const PLAIN_ASCII = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
/** Everything that could move the cursor, recolour the screen or reorder what is read. */
// eslint-disable-next-line no-control-regex -- control characters are what it is for
const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** `"text"` with escapes. Printable UTF-8 stays readable, where redis-cli would write `\xHH`. */
export function quote(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const latin1 = buffer.toString('latin1');
  if (PLAIN_ASCII.test(latin1)) return `"${latin1}"`;
  let text = '"';
  for (let position = 0; position < buffer.length;) {
    const length = sequenceLength(buffer, position);
    const character = buffer.toString('utf8', position, position + length);
    text += SHORT_ESCAPES[character] ?? (isPrintable(character) ? character : hexOf(buffer, position, length));
    position += length;
  }
  return text + '"';
}

/** Text that comes from elsewhere (an error, a status), with its control characters shown as `\xHH`. Line ends and tabs stay. */
export function withoutControls(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    const bytes = Buffer.from(character);
    return hexOf(bytes, 0, bytes.length);
  });
}

/** Bytes as a word of a command line: bare where that reads back the same, quoted otherwise. */
export function quoteIfNeeded(bytes: Uint8Array): string {
  const quoted = quote(bytes);
  const bare = quoted.slice(1, -1);
  return bare === '' || /[\s"'\\#]/.test(bare) ? quoted : bare;
}

/** Bytes of the UTF-8 sequence at `position`, or 1 where there is no valid one. */
function sequenceLength(buffer: Buffer, position: number): number {
  const lead = buffer[position];
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  if (length === 1 || position + length > buffer.length) return 1;
  return buffer.toString('utf8', position, position + length).includes('\ufffd') ? 1 : length;
}

function isPrintable(character: string): boolean {
  return character !== '\ufffd' && PRINTABLE.test(character);
}

function hexOf(buffer: Buffer, position: number, length: number): string {
  let text = '';
  for (let i = position; i < position + length; i++) text += `\\x${buffer[i].toString(16).padStart(2, '0')}`;
  return text;
}
