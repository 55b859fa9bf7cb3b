/** Splits a line into words as redis-cli does (Redis's sdssplitargs), into bytes. `"x"*1000` stands for a long word. */

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

export function splitWords(line: string): Buffer[] {
  const words: Buffer[] = [];
  let position = 0;
  while (position < line.length) {
    if (/\s/.test(line[position])) {
      position++;
      continue;
    }
    const { word, end } = readWord(line, position);
    words.push(word);
    position = end;
  }
  return words;
}

function readWord(line: string, start: number): { word: Buffer; end: number } {
  const quote = line[start];
  if (quote !== '"' && quote !== "'") {
    const end = /\s|$/.exec(line.slice(start))?.index ?? 0;
    return { word: Buffer.from(line.slice(start, start + end)), end: start + end };
  }
  const { bytes, end } = quote === '"' ? readDoubleQuoted(line, start + 1) : readSingleQuoted(line, start + 1);
  const times = /^\*(\d+)/.exec(line.slice(end));
  if (times !== null) return { word: Buffer.alloc(bytes.length * Number(times[1]), bytes), end: end + times[0].length };
  if (end < line.length && !/\s/.test(line[end])) throw new Error(`unexpected ${line[end]} after a closing quote`);
  return { word: bytes, end };
}

function readDoubleQuoted(line: string, start: number): { bytes: Buffer; end: number } {
  const parts: Buffer[] = [];
  for (let position = start; position < line.length; position++) {
    if (line[position] === '"') return { bytes: Buffer.concat(parts), end: position + 1 };
    if (line[position] !== '\\') {
      parts.push(Buffer.from(line[position]));
      continue;
    }
    const hex = /^\\x([0-9a-f]{2})/i.exec(line.slice(position));
    if (hex !== null) {
      parts.push(Buffer.from(hex[1], 'hex'));
      position += 3;
    } else {
      const escaped = line[++position];
      parts.push(Buffer.from(ESCAPES[escaped] ?? escaped));
    }
  }
  throw new Error('a double quote is not closed');
}

function readSingleQuoted(line: string, start: number): { bytes: Buffer; end: number } {
  const end = line.indexOf("'", start);
  if (end === -1) throw new Error('a single quote is not closed');
  return { bytes: Buffer.from(line.slice(start, end)), end: end + 1 };
}
