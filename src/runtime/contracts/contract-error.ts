/** The contracts do not hold: boot fails, with every problem at once. */
export class ContractError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the contracts do not hold:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ContractError';
  }
}
