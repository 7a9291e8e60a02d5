/** `npm run token`: makes a token for the API, and the entry by which the registry knows it. Asks nobody, and keeps nothing. */
import { HELP, parsed } from './options.js';
import { newToken } from './new-token.js';

function main(): number {
  const asked = parsed(process.argv.slice(2));
  switch (asked.kind) {
    case 'help':
      process.stdout.write(`${HELP}\n`);
      return 0;
    case 'wrong':
      for (const problem of asked.problems) process.stderr.write(`${problem}\n`);
      process.stderr.write('npm run token -- --help lists the options\n');
      return 2;
    case 'wanted': {
      const { token, entry } = newToken(asked.wanted);
      if (asked.wanted.json) process.stdout.write(`${JSON.stringify({ token, entry })}\n`);
      else process.stdout.write(`token  ${token}\nentry  ${entry}\n\n${WHAT_TO_DO}\n`);
      return 0;
    }
  }
}

const WHAT_TO_DO = `The token is shown this once: give it to its owner, who sends it as "Authorization: Bearer TOKEN".
The entry is no secret: add it to ADMIN_TOKENS, or to the file that ADMIN_TOKENS_FILE names, and start the registry anew.`;

process.exitCode = main();
