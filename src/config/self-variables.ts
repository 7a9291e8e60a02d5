/** Rollcall as a node of its own fleet. */
import { z } from 'zod';
import { about, oneOf } from './fields.js';

const url = z.url({ protocol: /^https?$/ }).refine((text) => !text.includes('@'));

export const selfVariables = {
  SELF_REGISTRATION: oneOf(['true', 'false'], 'false'),
  SELF_URL: about(
    url.optional(),
    'http(s) URL at which others reach this process; unset: from HOST, or the name of the machine, and PORT',
    'http://rollcall-1:3000',
  ),
};
