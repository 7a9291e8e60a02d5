#!/usr/bin/env node
/** `rollcall`: what operators type. Speaks with the registry by HTTP only; `doctor` alone looks at its servers as well. */
import { packageVersion } from './package-version.js';
import { runCli } from './program.js';
import { processTerminal } from './terminal.js';

/** A connection to a server that hangs must not keep the command, which has said all that it had to say. */
const LINGER_MS = 500;

process.exitCode = await runCli(process.argv.slice(2), processTerminal(process.env), packageVersion());
setTimeout(() => process.exit(), LINGER_MS).unref();
