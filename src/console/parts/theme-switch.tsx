import { useState, type ReactNode } from 'react';
import { chooseTheme, theme, THEMES, type Theme } from '../session/theme.js';

const LABELS: Readonly<Record<Theme, string>> = { system: 'System', light: 'Light', dark: 'Dark' };

export function ThemeSwitch(): ReactNode {
  const [chosen, setChosen] = useState(theme);
  return (
    <select
      className="theme"
      aria-label="Colours"
      title="Colours"
      value={chosen}
      onChange={(event) => {
        const next = THEMES.find((name) => name === event.target.value) ?? 'system';
        chooseTheme(next);
        setChosen(next);
      }}
    >
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {LABELS[name]}
        </option>
      ))}
    </select>
  );
}
