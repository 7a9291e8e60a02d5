import type { Command } from 'commander';
import { examples, paragraphs, type Begin, type Run } from '../command.js';
import type { DoctorOptions } from '../doctor/run-doctor.js';

const ABOUT = `looks for what is wrong with an installation, tells why it matters, and how it is mended

Run it with the environment of the registry: it reads the same variables, and asks the same servers. It changes nothing. With --url
it looks at the registry that runs, too. Exit status 1: something fails (--strict: or is to be warned of).`;

/** `rollcall doctor`. */
export function doctorCommand(parent: Command, begin: Begin): void {
  const command = parent
    .command('doctor')
    .summary('what is wrong with an installation, and how it is mended')
    .description(paragraphs(ABOUT))
    .option('--strict', 'exit status 1 for warnings, too');
  examples(command.action(begin(doctor)), [
    ['rollcall doctor', 'before the first start, after an upgrade, and when something is odd'],
    [`rollcall doctor --json | jq '.findings[] | select(.status == "fail")'`, 'for a program'],
  ]);
}

/** Loaded when it is wanted: the clients of three servers take longer to load than all other commands together. */
const doctor: Run<DoctorOptions> = async (session, options, args) =>
  (await import('../doctor/run-doctor.js')).runDoctor(session, options, args);
