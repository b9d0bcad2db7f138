import { expect, test } from 'vitest';
import { concat, uint16Bytes, utf8, withLength } from '../../crypto/bytes.ts';
import { signContent as reference } from '../../crypto/signature.ts';
import { kdfLabel, signContent } from './labels.ts';

test.each([0, 1, 55, 56, 63, 64, 300])('label of %i characters, content up to 20,000', (size) => {
  const label = 'l'.repeat(size);
  for (const length of [0, 63, 64, 16_383, 16_384, 20_000]) {
    const content = new Uint8Array(length).fill(length);
    expect(signContent(label, content)).toEqual(reference(label, content));
    const text = withLength(utf8(`MLS 1.0 ${label}`));
    const expected = concat(uint16Bytes(length), text, withLength(content));
    expect(kdfLabel(length, label, content)).toEqual(expected);
  }
});
