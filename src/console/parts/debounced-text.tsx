import { useEffect, useId, useRef, useState, type ReactNode } from 'react';

type Props = {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly type?: 'search' | 'text';
  readonly onChange: (value: string) => void;
};

const QUIET_MS = 250;

/** A text that is passed on once nobody types any more; at once by Enter. */
export function DebouncedText({ label, value, placeholder, type = 'text', onChange }: Props): ReactNode {
  const id = useId();
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  }, [onChange]);
  // Changed from elsewhere: the history of the browser, or a button that clears it.
  useEffect(() => {
    if (value.trim() === told.current.trim()) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text === told.current) return undefined;
    const timer = setTimeout(() => {
      told.current = text;
      tell.current(text);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="filter">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={text}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || text === told.current) return;
          told.current = text;
          onChange(text);
        }}
      />
    </div>
  );
}
