import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { DeadLetterDetail } from '../../api-answers/answers.js';
import { readLetter } from '../api/dead-letters.js';
import { ApiProblem } from '../api/problem.js';
import { Badge } from '../parts/badge.js';
import { Copyable } from '../parts/copyable.js';
import { Empty } from '../parts/empty.js';
import { Facts, Nothing } from '../parts/facts.js';
import { Json } from '../parts/json.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { At } from '../parts/time.js';
import { prettyText } from '../words/json.js';
import { letterPath, nodePath } from '../words/paths.js';
import { LetterActions } from './letter-actions.js';

const READ_EVERY_MS = 5000;

/** One dead letter: why it is one, its original as it came, and what became of it since. */
export function DeadLetterPage({ id }: { readonly id: string }): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['letters', 'one', id],
    queryFn: ({ signal }) => readLetter(id, signal),
    refetchInterval: READ_EVERY_MS,
  });
  if (error instanceof ApiProblem && error.status === 404) {
    return (
      <Page title="Dead letter">
        <Empty title="No dead letter of this id is known here">
          <Link href="/dead-letters">To the dead letters</Link>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Dead letter"
      about={
        data !== undefined && (
          <>
            <Badge tone={data.lineQuarantined ? 'bad' : 'wait'}>{data.cause.replaceAll('_', ' ')}</Badge>
            {data.lineQuarantined && <span>in quarantine</span>}
            {data.attempt > 1 && <span>attempt {data.attempt}</span>}
          </>
        )
      }
      actions={data !== undefined && <LetterActions letter={data} />}
    >
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Loading lines={8} />
      ) : (
        <div className="columns">
          <Panel title="Letter">
            <About letter={data} />
          </Panel>
          <Panel title="Original">
            <Original letter={data} />
          </Panel>
        </div>
      )}
    </Page>
  );
}

function About({ letter }: { readonly letter: DeadLetterDetail }): ReactNode {
  return (
    <Facts
      facts={[
        [
          'Reason',
          <span key="reason" className="wrap">
            {letter.reason}
          </span>,
        ],
        ['Id', <Copyable key="id" text={letter.id} what="the id" />],
        ['Came', <At key="at" time={letter.occurredAt} />],
        ['Topic', <Copyable key="topic" text={letter.originalTopic} what="the topic" />],
        ['Place', `partition ${letter.originalPartition}, offset ${letter.originalOffset}`],
        [
          'Node',
          letter.nodeId === null ? (
            <Nothing>not said</Nothing>
          ) : (
            <Link key="node" className="mono wrap" href={nodePath(letter.nodeId)}>
              {letter.nodeId}
            </Link>
          ),
        ],
        [
          'Sent again',
          letter.redrives.length === 0 ? (
            <Nothing>never</Nothing>
          ) : (
            letter.redrives.map(({ redrivenAt, how, forced }) => (
              <span key={redrivenAt} className="line">
                <At time={redrivenAt} /> {how === 'id' ? 'by its id' : 'by a filter'}
                {forced && ', forced'}
              </span>
            ))
          ),
        ],
        [
          'Failed again',
          letter.successors.length === 0 ? (
            <Nothing>no</Nothing>
          ) : (
            letter.successors.map(({ id, attempt, occurredAt }) => (
              <span key={id} className="line">
                <Link href={letterPath(id)}>attempt {attempt}</Link>, <At time={occurredAt} />
              </span>
            ))
          ),
        ],
      ]}
    />
  );
}

function Original({ letter }: { readonly letter: DeadLetterDetail }): ReactNode {
  const { originalText: text, originalValue: value } = letter;
  return (
    <>
      {letter.valueTruncated && (
        <p className="note wait">It was too long to be kept whole, and cannot be sent again.</p>
      )}
      <Facts
        facts={[
          [
            'Key',
            letter.originalKey === null ? (
              <Nothing>null</Nothing>
            ) : (
              <span className="mono wrap">{letter.originalKey}</span>
            ),
          ],
          [
            'Value',
            value === null ? <Nothing>none: a tombstone</Nothing> : text === null ? 'no text, shown in base64' : 'text',
          ],
        ]}
      />
      {value !== null && <Json value={text === null ? value : prettyText(text)} label="The original value" />}
      {Object.keys(letter.originalHeaders).length > 0 && (
        <>
          <h3>Headers</h3>
          <Json value={letter.originalHeaders} label="Headers of the original" />
        </>
      )}
    </>
  );
}
