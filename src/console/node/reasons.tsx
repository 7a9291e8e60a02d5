import type { ReactNode } from 'react';
import type { Explanation } from '../../api-answers/answers.js';
import { Ago, useNow } from '../parts/time.js';
import { stepAnchor } from './links.js';

/** The explanation of the API, a line for each thought, with the way to the step that it speaks of. */
export function Reasons({ explanation }: { readonly explanation: Explanation }): ReactNode {
  const now = useNow();
  const { because, since, text } = explanation;
  return (
    <div className="reasons">
      <p className="reasons-since">
        Since <Ago time={since} now={now} />, by{' '}
        <a href={`#${stepAnchor('orchestrator', because.eventId)}`}>{because.eventType}</a>, rule{' '}
        <code>{because.rule}</code>
      </p>
      {text.split('\n').map((line) => (
        <p key={line} className="wrap">
          {line}
        </p>
      ))}
    </div>
  );
}
