import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import logo from '../icons/logo.svg';
import { useLive } from '../live/live.js';
import type { Following } from '../live/follow.js';
import { useSession } from '../session/session.js';
import { forgetToken, token } from '../session/token.js';
import { ThemeSwitch } from './theme-switch.js';
import type { Tone } from '../words/states.js';
import { Badge } from './badge.js';

const PLACES = [
  ['/', 'Fleet'],
  ['/register', 'Register'],
  ['/drift', 'Drift'],
  ['/dead-letters', 'Dead letters'],
  ['/health', 'Health'],
] as const;

const FOLLOWING: Readonly<Record<Following, readonly [Tone, string, string]>> = {
  connecting: ['wait', 'Connecting', 'Opening the stream of events'],
  live: ['good', 'Live', 'Changes are shown as they happen'],
  lost: ['bad', 'Not connected', 'The registry does not answer; it is tried again by itself'],
};

export function Header(): ReactNode {
  const [path] = useLocation();
  const { following } = useLive();
  const [tone, label, about] = FOLLOWING[following];
  return (
    <header className="top">
      <Link className="brand" href="/" aria-label="Rollcall, the fleet">
        <img src={logo} alt="" width="24" height="24" />
        <span>Rollcall</span>
      </Link>
      <nav aria-label="Pages">
        {PLACES.map(([place, name]) => (
          <Link key={place} href={place} aria-current={isAt(path, place) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <div className="top-end">
        <span role="status" className="following">
          <Badge tone={tone} title={about}>
            {label}
          </Badge>
        </span>
        <Who />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function Who(): ReactNode {
  const { person } = useSession();
  if (person.name === null && token() === null) return null;
  return (
    <span className="who">
      <span className="who-name" title={person.name ?? ''}>
        {person.name}
      </span>
      <span className="who-role">{person.role}</span>
      <button type="button" className="quiet" onClick={forgetToken}>
        Sign out
      </button>
    </span>
  );
}

function isAt(path: string, place: string): boolean {
  if (place === '/') return path === '/' || path.startsWith('/nodes/');
  return path === place || path.startsWith(`${place}/`);
}
