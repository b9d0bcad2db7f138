import { describe, expect, test } from 'vitest';
import { decode, encode } from './codec/index.ts';
import { errorCodes, errorCodesMarkdown, fieldCodecs, type ErrorCode } from './error-codes.ts';
import { pickFrom } from './fuzz.ts';
import {
  errorOf,
  errorResponse,
  problemJson,
  refuse,
  type ProtocolError,
} from './protocol-error.ts';
import { response } from './wire/envelope.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];
const to = { protocol_version: 2, request_id: new Uint8Array(16) };

function sampleOf(code: ErrorCode): ProtocolError {
  const pick = pickFrom(errorCodes[code].status);
  const fields = Object.entries<keyof typeof fieldCodecs>(errorCodes[code].fields).map(
    ([name, kind]) => [name, fieldCodecs[kind].sample(pick)],
  );
  return { code, fields: Object.fromEntries(fields) } as ProtocolError;
}

describe('the table of error codes', () => {
  test('every code has its own status, an HTTP error, a sentence and a remedy', () => {
    const entries = Object.values(errorCodes);
    expect(new Set(entries.map((entry) => entry.status)).size).toBe(entries.length);
    for (const entry of entries) {
      expect(entry.http).toBeGreaterThanOrEqual(400);
      expect(entry.sentence).toMatch(/^[A-Z].*\.$/);
      expect(entry.remedy).toMatch(/^[A-Z].*\.$/);
      expect(`${entry.sentence}${entry.remedy}`).not.toContain('|');
    }
  });

  test.each(codes)('%s travels with its fields', (code) => {
    const error = sampleOf(code);
    const bytes = encode(response, errorResponse(error, to));
    const received = decode(response, bytes);
    expect(received.ok && errorOf(received.value)).toEqual(error);
  });

  test('an unknown status or a malformed body is no error of ours', () => {
    expect(errorOf({ ...to, status: 0x7777, body: new Uint8Array() })).toBeUndefined();
    expect(errorOf({ ...to, status: 0x0203, body: new Uint8Array(3) })).toBeUndefined();
    expect(errorOf({ ...to, status: 0, body: new Uint8Array() })).toBeUndefined();
  });

  test('as problem+json', () => {
    const { error } = refuse('group_frozen', { successor: Uint8Array.of(1, 255) });
    expect(problemJson(error)).toEqual({
      type: 'urn:stormglass:error:group_frozen',
      title: errorCodes.group_frozen.sentence,
      status: 409,
      detail: errorCodes.group_frozen.remedy,
      code: 'group_frozen',
      successor: '01ff',
    });
  });

  test('the reference has a row for every code and none besides', () => {
    const rows = errorCodesMarkdown().match(/^\| `(\w+)`/gm) ?? [];
    expect(rows).toEqual(codes.map((code) => `| \`${code}\``));
    expect(errorCodesMarkdown()).toContain('| `wrong_epoch` | 0x0203 | 409 | `current` uint64 |');
  });
});
