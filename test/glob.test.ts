import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileGlob, MAX_PATTERN_BYTES } from '../src/glob.js';

/** Redis's stringmatchlen (util.c, 7.0) in its own recursive form, over text. */
function reference(pattern: string, text: string): boolean {
  return text === '' ? pattern === '' || pattern === '*' : referenceFrom(pattern, text);
}

function referenceFrom(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const first = pattern.charAt(0);
  if (first === '*') {
    const rest = pattern.slice(1);
    for (let at = 0; at <= text.length; at++) if (referenceFrom(rest, text.slice(at))) return true;
    return false;
  }
  if (text === '') return false;
  if (first === '?') return referenceFrom(pattern.slice(1), text.slice(1));
  if (first === '[') {
    const { isMatch, rest } = referenceSet(pattern.slice(1), text.charAt(0));
    return isMatch && referenceFrom(rest, text.slice(1));
  }
  const literal = first === '\\' && pattern.length > 1 ? pattern.slice(1) : pattern;
  return text.startsWith(literal.charAt(0)) && referenceFrom(literal.slice(1), text.slice(1));
}

function referenceSet(pattern: string, character: string): { isMatch: boolean; rest: string } {
  const isNegated = pattern.startsWith('^');
  let rest = isNegated ? pattern.slice(1) : pattern;
  let isMatch = false;
  while (rest !== '' && !rest.startsWith(']')) {
    if (rest.startsWith('\\') && rest.length >= 2) {
      isMatch ||= rest[1] === character;
      rest = rest.slice(2);
    } else if (rest.length >= 3 && rest[1] === '-') {
      const [low, high] = rest[0] < rest[2] ? [rest[0], rest[2]] : [rest[2], rest[0]];
      isMatch ||= character >= low && character <= high;
      rest = rest.slice(3);
    } else {
      isMatch ||= rest.startsWith(character);
      rest = rest.slice(1);
    }
  }
  return { isMatch: isMatch !== isNegated, rest: rest.slice(1) };
}

function matches(pattern: string, text: string): boolean {
  const padded = Buffer.from(`##${text}##`, 'latin1');
  return compileGlob(Buffer.from(pattern, 'latin1')).matches(padded, 2, padded.length - 4);
}

describe('Glob', () => {
  it('means what the recursive definition means', () => {
    const pattern = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '-', ']', '^', '[', '\\', '*', '?'),
      maxLength: 9,
    });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-', ']', '^', '[', '\\'), maxLength: 7 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        assert.equal(matches(p, t), reference(p, t));
      }),
      { numRuns: 20_000 },
    );
  });

  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*', '', true],
    ['*', 'anything', true],
    ['**', '', false],
    ['**', 'a', true],
    ['a*', 'a', true],
    ['user:*', 'user:42', true],
    ['user:?', 'user:42', false],
    ['h[ae]llo', 'hello', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-b]llo', 'hbllo', true],
    ['h[b-a]llo', 'hbllo', true],
    ['[', 'a', false],
    ['[a', 'a', true],
    ['[^', 'a', true],
    ['[]', 'a', false],
    ['[^]', 'a', true],
    ['[a-', '-', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['a\\', 'a\\', true],
    ['[\\]]', ']', true],
    ['\xff*', '\xff\x00', true],
    ['', '', true],
    ['', 'a', false],
  ];
  for (const [pattern, text, expected] of cases) {
    it(`${JSON.stringify(pattern)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      assert.equal(matches(pattern, text), expected);
    });
  }

  it('knows the pattern that matches everything', () => {
    assert.ok(compileGlob(Buffer.from('*')).matchesAll);
    assert.ok(!compileGlob(Buffer.from('*a')).matchesAll);
  });

  it('refuses a pattern that is too long, whatever stands in it', () => {
    for (const part of ['a', '*', '[', '?'])
      assert.throws(() => compileGlob(Buffer.from(part.repeat(MAX_PATTERN_BYTES + 1))), { code: 'PATTERN_TOO_LONG' });
    assert.ok(!matches('['.repeat(MAX_PATTERN_BYTES), 'a'));
    assert.ok(matches('a'.repeat(MAX_PATTERN_BYTES), 'a'.repeat(MAX_PATTERN_BYTES)));
  });

  it('does not look at a text that is shorter than the pattern can match', () => {
    const unread = new Proxy(Buffer.alloc(9), {
      get: () => assert.fail('it was read'),
    });
    assert.equal(compileGlob(Buffer.from('a*aaaaa[ab]a*a?a')).matches(unread, 0, 9), false);
  });

  it('takes at the most pattern x text steps, however many stars there are', () => {
    const length = 2000;
    let reads = 0;
    const text = new Proxy(Buffer.alloc(length, 'a'), {
      get: (target, property) => {
        reads++;
        return Reflect.get(target, property) as unknown;
      },
    });
    const pattern = `${'a*'.repeat(30)}b`;
    assert.equal(compileGlob(Buffer.from(pattern)).matches(text, 0, length), false);
    assert.ok(reads <= length * pattern.length, `${reads} reads`);
  });
});
