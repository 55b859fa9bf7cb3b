import assert from 'node:assert/strict';
import { attemptsText, cannotConnect, connectTimedOut } from '../../src/client/connection-errors.js';
import type { Address } from '../../src/client/endpoint.js';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const at = (port: number): Address => ({ host: '127.0.0.1', port });

describe('what was tried when no node answers', () => {
  it('tells the same failure once, with the ports of neighbours as a range', () => {
    const ports = [7381, 7379, 7380, 7390];
    const attempts = ports.map((port) => ({ address: at(port), error: cannotConnect(at(port), refused) }));
    assert.equal(attemptsText(attempts), 'cannot connect to 127.0.0.1:7379-7381, 127.0.0.1:7390: connection refused');
  });

  it('tells different failures apart', () => {
    const attempts = [
      { address: at(7379), error: cannotConnect(at(7379), refused) },
      { address: at(7380), error: connectTimedOut(at(7380), 2000) },
    ];
    const [first, second] = attemptsText(attempts).split('; ');
    assert.equal(first, 'cannot connect to 127.0.0.1:7379: connection refused');
    assert.equal(second, 'cannot connect to 127.0.0.1:7380: no answer within 2000 ms');
  });

  it('names the address of a failure that does not name it itself', () => {
    assert.equal(attemptsText([{ address: at(7379), error: new Error('NOPERM') }]), '127.0.0.1:7379: NOPERM');
  });
});
