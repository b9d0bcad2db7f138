#!/usr/bin/env node
/**
 * The command `stormglass`: plain JavaScript that any Node >= 18 can read. The program itself is
 * TypeScript for Node 26, which comes with the project (package `node`), so an older Node hands
 * over to that one with the same arguments, terminal, signals and exit code.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const requiredMajor = 26;
const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** The project's own Node: beside this package, or above it when it is a dependency. */
function findNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let directory = new URL('../../', import.meta.url); ;) {
    const path = fileURLToPath(new URL(`node_modules/node/bin/${name}`, directory));
    if (existsSync(path)) return path;
    const parent = new URL('../', directory);
    if (parent.href === directory.href) return undefined;
    directory = parent;
  }
}

/** Runs the program in `node` and ends as it ends. */
function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`stormglass: cannot start ${node}: ${error.message}\n  Run: npm ci`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

if (Number.parseInt(process.versions.node, 10) >= requiredMajor) {
  const { runMain } = await import('./main.ts');
  await runMain(process.argv.slice(2));
} else {
  const node = findNode();
  if (node === undefined) {
    console.error(
      `stormglass: needs Node ${requiredMajor}, this is ${process.version}, and the project's own ` +
        `is not installed.\n  Run: npm ci`,
    );
    process.exitCode = 2;
  } else {
    handOver(node);
  }
}
