import { useId, type ReactNode } from 'react';
import { NODE_TYPES } from '../api/fleet-model.js';
import { describedBy, Field } from '../parts/field.js';
import type { Draft, DraftField } from './draft.js';

type Props = {
  readonly draft: Draft;
  readonly errors: ReadonlyMap<DraftField, string>;
  readonly onChange: (change: Partial<Draft>) => void;
};

export function RegisterFields({ draft, errors, onChange }: Props): ReactNode {
  const form = useId();
  const control = (name: DraftField) => ({
    id: `${form}-${name}`,
    name,
    value: draft[name],
    'aria-invalid': errors.has(name),
    'aria-describedby': describedBy(`${form}-${name}`, errors.get(name)),
  });
  const field = (name: DraftField) => ({ id: `${form}-${name}`, error: errors.get(name) });
  const text = (name: DraftField) => ({
    ...control(name),
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: { readonly target: { readonly value: string } }) => onChange({ [name]: event.target.value }),
  });
  return (
    <div className="fields">
      <Field
        {...field('nodeId')}
        label="Id"
        hint='1-255 letters, digits, ".", "_" or "-"; begins with a letter or digit'
      >
        <input {...text('nodeId')} className="mono" autoCapitalize="off" required />
      </Field>
      <Field {...field('nodeType')} label="Type" hint="Its service in Consul is named after it">
        <select
          {...control('nodeType')}
          onChange={(event) =>
            onChange({ nodeType: NODE_TYPES.find((type) => type === event.target.value) ?? 'effect' })
          }
        >
          {NODE_TYPES.map((type) => (
            <option key={type}>{type}</option>
          ))}
        </select>
      </Field>
      <Field {...field('nodeVersion')} label="Version" hint="Such as 1.4.0">
        <input {...text('nodeVersion')} className="mono" />
      </Field>
      <Field {...field('capabilities')} label="Capabilities" hint="Tags, separated by commas; or a JSON object">
        <input {...text('capabilities')} className="mono" placeholder="invoices, refunds" />
      </Field>
      <Field {...field('endpoints')} label="Endpoints" hint="A line each: a name and a URL">
        <textarea {...text('endpoints')} className="mono" rows={3} placeholder="api http://10.0.0.7:8080" />
      </Field>
      <Field {...field('metadata')} label="Metadata" hint="A JSON object">
        <textarea {...text('metadata')} className="mono" rows={3} placeholder='{ "team": "billing" }' />
      </Field>
      <Field
        {...field('acknowledgement')}
        label="Acknowledgement"
        hint="Whether it has to say that it is ready before others find it"
      >
        <select
          {...control('acknowledgement')}
          onChange={(event) => onChange({ acknowledgement: event.target.value === 'required' ? 'required' : 'waived' })}
        >
          <option value="waived">waived: active at once</option>
          <option value="required">required: the node acknowledges</option>
        </select>
      </Field>
      <Field {...field('liveness')} label="Liveness" hint="Whether it owes heartbeats, and expires without them">
        <select
          {...control('liveness')}
          onChange={(event) => onChange({ liveness: event.target.value === 'heartbeat' ? 'heartbeat' : 'none' })}
        >
          <option value="none">none: it owes no heartbeats</option>
          <option value="heartbeat">heartbeat: it expires when silent</option>
        </select>
      </Field>
    </div>
  );
}
