/** Prints the reference of events on standard output. What it prints is committed as docs/events.md. */
import { eventReference } from './event-reference.js';

process.stdout.write(eventReference());
