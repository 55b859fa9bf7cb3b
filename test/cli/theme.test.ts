import assert from 'node:assert/strict';
import { colourLevel, columnsOf, createTheme, supportsUnicode } from '../../src/cli/theme.js';

const terminal = { isTTY: true, columns: 80, getColorDepth: () => 8 };

describe('colour', () => {
  it('is for terminals only', () => {
    assert.equal(colourLevel(terminal, {}), 2);
    assert.equal(colourLevel({ isTTY: false }, {}), 0);
  });

  it('is off with NO_COLOR and on a dumb terminal, even when forced', () => {
    assert.equal(colourLevel(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }), 0);
    assert.equal(colourLevel(terminal, { TERM: 'dumb' }), 0);
    assert.equal(colourLevel(terminal, { NO_COLOR: '' }), 2);
  });

  it('can be forced where there is no terminal', () => {
    assert.equal(colourLevel({}, { FORCE_COLOR: '1' }), 1);
    assert.equal(colourLevel(terminal, { FORCE_COLOR: '0' }), 0);
  });

  it('leaves the text alone when it is off', () => {
    assert.equal(createTheme({}, {}).failed('down'), 'down');
    assert.notEqual(createTheme(terminal, {}).failed('down'), 'down');
  });
});

describe('what a terminal can show', () => {
  it('a dumb terminal and the C locale get ASCII', () => {
    assert.equal(supportsUnicode({ TERM: 'dumb' }), false);
    assert.equal(supportsUnicode({ LANG: 'C' }), false);
    assert.equal(supportsUnicode({ LANG: 'en_US.UTF-8' }), true);
    assert.equal(supportsUnicode({}), true);
  });

  it('is 80 columns wide where there is none', () => {
    assert.equal(columnsOf({ isTTY: false, columns: 200 }), 80);
    assert.equal(columnsOf({ isTTY: true, columns: 120 }), 120);
    assert.equal(columnsOf({ isTTY: true, columns: 0 }), 80);
  });
});
