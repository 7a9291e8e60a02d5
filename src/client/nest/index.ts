/** `rollcall/client/nest`: a Nest application as a node. */
export { RollcallClientModule, type RollcallClientAsyncOptions } from './rollcall-client.module.js';
export { Membership } from '../membership.js';
