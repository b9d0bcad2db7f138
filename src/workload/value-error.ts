/** A value that a parser of this room refuses; `fields.ts` turns it into a problem with its place. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
  /** What to write instead. */
  readonly remedy: string;
  /** 0-based offset in the value's text, when only a part of it is wrong. */
  readonly offset: number | undefined;
  constructor(message: string, remedy: string, offset?: number) {
    super(message);
    this.remedy = remedy;
    this.offset = offset;
  }
}

/** Runs `parse` on a part of a text and moves the offset of its error to the whole text. */
export function within<T>(offset: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(error.message, error.remedy, offset + (error.offset ?? 0));
  }
}

/** A raw value as it should appear in a message: quoted, and cut when long. */
export function shown(raw: unknown): string {
  if (raw === null) return 'nothing';
  if (Array.isArray(raw)) return 'a list';
  if (typeof raw === 'object') return 'a mapping';
  const text = String(raw);
  return `\`${text.length > 60 ? `${text.slice(0, 57)}...` : text}\``;
}
