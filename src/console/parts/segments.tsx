import type { ReactNode } from 'react';

type Props<T extends string> = {
  readonly label: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
};

/** A few views of the same thing, one of them chosen. */
export function Segments<T extends string>({ label, options, value, onChange }: Props<T>): ReactNode {
  return (
    <div className="segments" role="group" aria-label={label}>
      {options.map(([name, text]) => (
        <button key={name} type="button" aria-pressed={name === value} onClick={() => onChange(name)}>
          {text}
        </button>
      ))}
    </div>
  );
}
