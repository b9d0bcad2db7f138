/**
 * YAML 1.2 text to plain objects, with the line of every key and value.
 *
 * The conversion is our own rather than the library's for three reasons: scalars that YAML reads as
 * hexadecimal numbers keep their spelling (a ciphersuite is `0x0001`, not 1), aliases are counted
 * (a "billion laughs" file must not eat the memory), and mapping keys stay the text of the file.
 */
import { type Node, type Pair, isAlias, isMap, isScalar, isSeq } from 'yaml';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { Problem } from '../errors.ts';

export type Path = readonly (string | number)[];

export interface Source {
  /** The document without defaults; an empty object when the text is no mapping. */
  readonly document: Record<string, unknown>;
  /** 1-based line of the value at `path`, or of the nearest thing around it. */
  lineOf(path: Path): number | undefined;
  readonly problems: readonly Problem[];
  /** Whether the text is YAML at all; if not, `problems` say why and `document` means nothing. */
  readonly readable: boolean;
}

const maxAliases = 100;
const maxNodes = 100_000;
const maxDepth = 32;

/** Path as messages spell it: `vary[0].groups.size[2]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** Reads YAML; what is wrong with it as YAML is in `problems`. */
export function readYaml(file: string, text: string): Source {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, version: '1.2', stringKeys: false });
  const problems = yaml.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    message: yamlMessage(error.code, error.message),
    remedy: yamlRemedies[error.code] ?? 'correct the YAML; a quoted text is always safe',
  }));
  const readable = yaml.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  const walk = new Walk(file, yaml, lines);
  const root = readable ? walk.convert(yaml.contents, [], 0) : undefined;
  if (readable && !isPlainObject(root) && walk.problems.length === 0) {
    walk.problem(1, '', 'a workload file is a mapping', 'start with `name: my-workload`');
  }
  return {
    document: isPlainObject(root) ? root : {},
    lineOf: (path) => walk.lineOf(path),
    problems: [...problems, ...walk.problems],
    readable: readable && isPlainObject(root) && !walk.exceeded,
  };
}

/** The value of a `--set path=value`, read as YAML would read it in a file. */
export function readYamlValue(label: string, text: string): Source & { readonly value: unknown } {
  const source = readYaml(label, `value: ${text.includes('\n') ? JSON.stringify(text) : text}\n`);
  return { ...source, value: source.document['value'] };
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One conversion: collects lines and problems while it walks the tree. */
class Walk {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #yaml: Document;
  readonly #lines: LineCounter;
  readonly #lineByPath = new Map<string, number>();
  /** Whether the conversion was cut short. */
  exceeded = false;
  #aliases = 0;
  #nodes = 0;

  constructor(file: string, yaml: Document, lines: LineCounter) {
    this.#file = file;
    this.#yaml = yaml;
    this.#lines = lines;
  }

  lineOf(path: Path): number | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const line = this.#lineByPath.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  convert(node: Node | Pair | unknown, path: Path, depth: number): unknown {
    this.#nodes += 1;
    this.#remember(node, path);
    if (depth > maxDepth || this.#nodes > maxNodes) return this.#tooMuch(path);
    if (isAlias(node)) return this.#resolve(node, path, depth);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.convert(item, [...path, index], depth + 1));
    }
    if (isMap(node)) return this.#mapping(node.items, path, depth);
    return isScalar(node) ? scalarValue(node) : null;
  }

  problem(line: number | undefined, path: string, message: string, remedy: string): void {
    const place = { ...(line !== undefined && { line }), ...(path !== '' && { path }) };
    this.problems.push({ file: this.#file, ...place, message, remedy });
  }

  #mapping(items: readonly Pair[], path: Path, depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.source ?? key.value) : undefined;
      if (name === undefined || name === '' || name === '__proto__') {
        const line = this.lineOf(path);
        this.problem(line, formatPath(path), 'a key is not a word', 'write `key: value`');
        continue;
      }
      const inner = [...path, name];
      this.#remember(key, inner);
      entries.push([name, this.convert(value, inner, depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  #resolve(alias: Node, path: Path, depth: number): unknown {
    this.#aliases += 1;
    if (this.#aliases > maxAliases) return this.#tooMuch(path);
    if (!isAlias(alias)) return null;
    const target = alias.resolve(this.#yaml);
    if (target === undefined) {
      const message = `the alias \`*${alias.source}\` has no anchor`;
      const remedy = 'quote a text that begins with `*`';
      this.problem(this.lineOf(path), formatPath(path), message, remedy);
    }
    return this.convert(target, path, depth + 1);
  }

  #tooMuch(path: Path): null {
    if (!this.exceeded) {
      this.exceeded = true;
      const limits = `${maxAliases} aliases, ${maxNodes} values, ${maxDepth} levels`;
      this.problem(
        this.lineOf(path),
        formatPath(path.slice(0, 2)),
        `too many aliases, values or levels (at most ${limits})`,
        'write the values out, or generate several files',
      );
    }
    return null;
  }

  /** A key's line wins over its value's: that is where an editor should jump. */
  #remember(node: unknown, path: Path): void {
    const key = JSON.stringify(path);
    const start = (node as { range?: readonly number[] | null } | null)?.range?.[0];
    if (start === undefined || this.#lineByPath.has(key)) return;
    this.#lineByPath.set(key, this.#lines.linePos(start).line);
  }
}

function scalarValue(scalar: { value: unknown; source?: string }): unknown {
  const { value, source } = scalar;
  if (typeof value === 'number' && source !== undefined && /^0[xo]/.test(source)) return source;
  if (typeof value === 'bigint') return Number(value);
  return value;
}

const yamlRemedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of them',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent the keys of one mapping equally',
  MULTIPLE_DOCS: 'keep one document per file',
  BLOCK_AS_IMPLICIT_KEY: 'put the value in quotes: a `: ` inside it begins a mapping',
  MISSING_CHAR: 'close the quote or bracket',
};

/** The library's message without its code frame. */
function yamlMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'the same key twice in one mapping';
  const first = message.split('\n')[0] ?? message;
  return `not YAML: ${first.replace(/ at line \d+, column \d+:?$/, '')}`;
}
