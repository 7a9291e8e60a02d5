export { teardown as default } from './jest-temporary.mjs';
