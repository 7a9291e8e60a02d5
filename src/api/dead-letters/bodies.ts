import { z } from 'zod';
import { deadLetterFilter, DEFAULT_PAGE, pageSize } from '../parameters.js';

const BOOLEAN = 'must be true or false';

/** Body of a redrive by filter. Without more it sends nothing, and nothing twice. */
export const redriveByFilterBody = z.strictObject({
  filter: z
    .strictObject({
      ...deadLetterFilter.shape,
      redriven: deadLetterFilter.shape.redriven
        .unwrap()
        .default('never')
        .describe('`never`: only what was not sent again yet; `any`: also what was'),
      quarantined: z
        .boolean({ error: BOOLEAN })
        .optional()
        .describe('Only letters that are in quarantine, or only others. Those in quarantine are found, and never sent'),
    })
    .describe('All that is given has to hold; `{}` finds every letter that was not sent again yet'),
  dryRun: z
    .boolean({ error: BOOLEAN })
    .default(true)
    .describe('Only say what would be sent. Has to be false to send anything'),
  limit: pageSize.default(DEFAULT_PAGE).describe('Most letters that are sent, the oldest first'),
});

/** Body of a redrive by id. */
export const redriveBody = z.strictObject({
  force: z.boolean({ error: BOOLEAN }).default(false).describe('Send it although it is in quarantine; it stays there'),
});
