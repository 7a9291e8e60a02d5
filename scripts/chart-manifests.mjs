/** Manifests from standard input, sorted by kind and name, in one way to write YAML: what two versions of helm write differently is the same. */
import { text } from 'node:stream/consumers';
import { parseAllDocuments, stringify } from 'yaml';

// As Kubernetes reads it: 0440 is octal.
const documents = parseAllDocuments(await text(process.stdin), { version: '1.1' });
const [flaw] = documents.flatMap(({ errors }) => errors);
if (flaw !== undefined) throw flaw;
const manifests = documents.map((document) => document.toJS()).filter((manifest) => manifest !== null);
if (manifests.length === 0) throw new Error('there are no manifests');
const place = ({ kind, metadata }) => `${kind} ${metadata.name}`;
manifests.sort((one, other) => (place(one) < place(other) ? -1 : 1));
process.stdout.write(manifests.map((manifest) => `---\n${stringify(manifest, { sortMapEntries: true })}`).join(''));
