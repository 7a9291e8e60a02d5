import { useId, type ReactNode } from 'react';

type Props<T extends string> = {
  readonly label: string;
  /** Null: not narrowed. */
  readonly value: T | null;
  readonly any: string;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T | null) => void;
};

/** One of several, or any. */
export function Choice<T extends string>({ label, value, any, options, onChange }: Props<T>): ReactNode {
  const id = useId();
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChange(options.find(([name]) => name === event.target.value)?.[0] ?? null)}
      >
        <option value="">{any}</option>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
