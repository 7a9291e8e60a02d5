import type { ReactNode } from 'react';
import type { NodeStep } from '../../api-answers/answers.js';
import { Copyable } from '../parts/copyable.js';
import { Facts, Nothing } from '../parts/facts.js';
import { Json } from '../parts/json.js';
import { At, Clock } from '../parts/time.js';
import { Path } from './path.js';
import { causeOf, originOf, stepAnchor, takerOf } from './links.js';
import { outputWords } from './outputs.js';

type Props = {
  readonly step: NodeStep;
  /** All that were read, to find causes among. */
  readonly all: readonly NodeStep[];
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onGo: (to: NodeStep) => void;
};

const MACHINES = { orchestrator: 'workflow', reducer: 'backends' } as const;

export function TimelineStep({ step, all, isOpen, onOpen, onGo }: Props): ReactNode {
  return (
    <li id={stepAnchor(step.machine, step.eventId)} className={step.ignored ? 'step is-ignored' : 'step'}>
      <details open={isOpen} onToggle={(event) => onOpen(event.currentTarget.open)}>
        <summary>
          <span className="step-when">
            <Clock time={step.occurredAt} />
          </span>
          <span className={`step-machine ${step.machine}`}>{MACHINES[step.machine]}</span>
          <span className="step-what">
            <span className="step-type mono">{step.eventType}</span>
            <span className="step-rule">{step.ignored ? `ignored: ${step.rule}` : step.rule}</span>
          </span>
          <span className="step-path">
            <Path path={step.path} isWorkflow={step.machine === 'orchestrator'} />
          </span>
        </summary>
        {isOpen && <StepBody step={step} all={all} onGo={onGo} />}
      </details>
    </li>
  );
}

function StepBody({ step, all, onGo }: Pick<Props, 'step' | 'all' | 'onGo'>): ReactNode {
  return (
    <div className="step-body">
      <Facts
        facts={[
          ['Cause', <CauseOf key="cause" step={step} all={all} onGo={onGo} />],
          [
            'Sent by',
            step.source === null ? <Nothing>not said</Nothing> : <span className="mono wrap">{step.source}</span>,
          ],
          ['Taken', <At key="at" time={step.occurredAt} />],
          ['Version', step.version],
          ['Message', <Copyable key="message" text={step.eventId} what="the id of the message" />],
          ['Workflow', <Copyable key="workflow" text={step.correlationId} what="the id of the workflow" />],
        ]}
      />
      <h3>What the message said</h3>
      <Json value={step.payload} label={`Payload of ${step.eventType}`} />
      <h3>What was published because of it</h3>
      {step.outputs.length === 0 ? (
        <p className="nothing">Nothing.</p>
      ) : (
        <ul className="outputs">
          {step.outputs.map((output) => {
            const taker = takerOf(output.eventId, all);
            return (
              <li key={output.eventId}>
                <details>
                  <summary>
                    <span className="mono">{output.eventType}</span> <span>{outputWords(output)}</span>
                  </summary>
                  <Json value={output.payload} label={`Payload of ${output.eventType}`} />
                </details>
                {taker !== null && taker !== step && (
                  <button type="button" className="link" onClick={() => onGo(taker)}>
                    what came of it: {taker.rule}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

function CauseOf({ step, all, onGo }: Pick<Props, 'step' | 'all' | 'onGo'>): ReactNode {
  const cause = causeOf(step, all);
  if (cause.kind === 'outside') return originOf(step.eventType);
  if (cause.kind === 'earlier') return <span className="mono wrap">{step.causationId}, an earlier step</span>;
  return (
    <button type="button" className="link" onClick={() => onGo(cause.step)}>
      {cause.step.eventType}, rule {cause.step.rule}
    </button>
  );
}
