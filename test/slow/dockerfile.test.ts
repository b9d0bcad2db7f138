/**
 * The image without a Docker engine: the Dockerfile is linted, then its instructions are executed
 * in an empty folder standing for the image's file system, and the resulting command is run there
 * as an unprivileged user.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Copy, DockerfileParser, JSONInstruction, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFiles, readProjectFile, root } from '../source-files.ts';

const source = readProjectFile('Dockerfile');
const instructions = DockerfileParser.parse(source).getInstructions();
const ignored = readProjectFile('.dockerignore')
  .split('\n')
  .filter((line) => line !== '');

/** Files of the build context: the project's files less what `.dockerignore` leaves out. */
const context = projectFiles().filter(
  (path) =>
    !ignored.some((rule) =>
      rule.startsWith('**/*')
        ? path.endsWith(rule.slice('**/*'.length))
        : path === rule || path.startsWith(`${rule}/`),
    ),
);

/** The file system of one build stage, laid out under a temporary folder. */
interface Stage {
  readonly name: string;
  readonly folder: string;
  workdir: string;
  user: string;
  command: string[];
}

function words(instruction: Instruction): string[] {
  return (instruction.getArgumentsContent() ?? '').split(/\s+/);
}

function jsonWords(instruction: Instruction): string[] {
  expect(instruction).toBeInstanceOf(JSONInstruction);
  return (instruction as JSONInstruction)
    .getJSONStrings()
    .map((word) => JSON.parse(word.getValue()));
}

function copy(instruction: Copy, stage: Stage, stages: readonly Stage[]): void {
  const paths = instruction.getArguments().map((argument) => argument.getValue());
  const to = paths.at(-1)!;
  const flags = instruction.getFlags();
  const from = flags.find((flag) => flag.getName() === 'from')?.getValue();
  const workdir = join(stage.folder, stage.workdir);
  for (const path of paths.slice(0, -1)) {
    if (from) {
      const origin = join(stages.find((one) => one.name === from)!.folder, path);
      cpSync(origin, join(workdir, to), { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const matching = context.filter((file) => file === path || file.startsWith(`${path}/`));
    expect(matching, `COPY ${path}: nothing of that name in the build context`).not.toEqual([]);
    const isFolder = !matching.includes(path);
    for (const file of matching) {
      const target = isFolder ? join(to, file.slice(path.length)) : join(to, file);
      cpSync(join(root, file), join(workdir, target), { recursive: true });
    }
  }
}

function run(instruction: Instruction, stage: Stage): void {
  // The user `node` of the base image does not exist here; ownership is set at the end instead.
  const script = (instruction.getArgumentsContent() ?? '').replace(/ && chown [^&]*/g, '');
  execFileSync('/bin/sh', ['-ec', script], {
    cwd: join(stage.folder, stage.workdir),
    stdio: 'pipe',
    env: builderEnvironment(),
  });
}

/** How to reach the package registry is the builder's business; the rest of this process is not. */
function builderEnvironment(): NodeJS.ProcessEnv {
  const own = /^(npm_(package|lifecycle|command|node)|VITEST|NODE_ENV|INIT_CWD)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

function build(base: string): Stage {
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    const stage = stages.at(-1)!;
    switch (instruction.getKeyword()) {
      case 'FROM': {
        const name = words(instruction)[2] ?? 'final';
        const folder = join(base, name);
        mkdirSync(folder);
        stages.push({ name, folder, workdir: '/', user: 'root', command: [] });
        break;
      }
      case 'WORKDIR':
        stage.workdir = words(instruction)[0]!;
        mkdirSync(join(stage.folder, stage.workdir), { recursive: true });
        break;
      case 'COPY':
        copy(instruction as Copy, stage, stages);
        break;
      case 'RUN':
        run(instruction, stage);
        break;
      case 'USER':
        stage.user = words(instruction)[0]!;
        break;
      case 'ENTRYPOINT':
      case 'CMD':
        stage.command.push(...jsonWords(instruction));
        break;
      case 'ENV':
      case 'VOLUME':
        break;
      default:
        throw new Error(`this test does not know ${instruction.getKeyword()}: teach it`);
    }
  }
  return stages.at(-1)!;
}

/** Runs the image's command, as `nobody` where this process may change users. */
function start(stage: Stage, args: readonly string[]): ReturnType<typeof spawnSync> {
  const workdir = join(stage.folder, stage.workdir);
  const [program, ...rest] = stage.command;
  const isRoot = process.getuid?.() === 0;
  return spawnSync(join(workdir, program!), [...rest.slice(0, -1), ...args], {
    cwd: workdir,
    encoding: 'utf8',
    env: { NODE_ENV: 'production', HOME: '/nonexistent', PATH: '/usr/bin:/bin' },
    ...(isRoot ? { uid: 65534, gid: 65534 } : {}),
  });
}

describe('Dockerfile', () => {
  const base = mkdtempSync(join(tmpdir(), 'stormglass-image-'));
  let image: Stage;

  beforeAll(() => {
    chmodSync(base, 0o755);
    image = build(base);
    const runs = join(image.folder, image.workdir, 'runs');
    if (process.getuid?.() === 0) chownSync(runs, 65534, 65534);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test('has no lint findings', () => {
    expect(validate(source).map((finding) => finding.message)).toEqual([]);
  });

  test('does not run as root and its default command is the main job', () => {
    expect(image.user).not.toBe('root');
    const main = JSON.parse(readProjectFile('package.json')).scripts.start;
    expect(image.command.slice(-2)).toEqual(main.split(' ').slice(-2));
  });

  test('carries no tests, no git history and no runs of the builder', () => {
    expect(context.filter((path) => path.endsWith('.test.ts'))).toEqual([]);
    expect(existsSync(join(image.folder, image.workdir, '.git'))).toBe(false);
  });

  test('runs a simulation and writes its report as an unprivileged user', () => {
    const args = ['run', 'workloads/fan-out.yaml', '--quiet', '--replications', '2'];
    const small = ['population.clients=2000', 'population.homeservers=20', 'duration=20 min'];
    const sets = [...small, 'warmUp=5 min'].flatMap((one) => ['--set', one]);
    const outcome = start(image, [...args, ...sets]);
    // 0 ok, 1 violated, 3 unknown: a shrunken workload may miss its expectations.
    expect([0, 1, 3], `${outcome.stdout}${outcome.stderr}`).toContain(outcome.status);
    const report = String(outcome.stdout).trim().split('\n').at(-1)!;
    expect(existsSync(join(image.folder, image.workdir, report))).toBe(true);
  });
});
