import { reduce } from './reduce.js';
import { IGNORED_REASONS, RULES } from './rules.js';

/** One function for every message that the reducer consumes, by the id of contract.yaml. */
export const REDUCER_HANDLERS = [{ id: 'reduce', decide: reduce }] as const;

/** The code's side of the comparison with contract.yaml. */
export const REDUCER_RULES = {
  ...Object.fromEntries(
    Object.entries(RULES).map(([name, rule]) => [
      name,
      { ...rule, through: name === 'reset_and_desire_record' ? ['idle'] : [] },
    ]),
  ),
  ...Object.fromEntries(
    IGNORED_REASONS.map((reason) => [`ignore_${reason}`, { through: [], to: [], outputs: [], ignored: reason }]),
  ),
};
