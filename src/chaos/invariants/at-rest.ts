import type { Invariant } from './invariant.js';

export const journalFolds: Invariant = {
  name: 'journal-folds',
  means: 'the journal, folded from empty through the code, gives every step and every state as they are stored',
  judge: ({ journal: { states, entries, problems } }) => ({
    looked: entries,
    at: `journal entries of ${states} states`,
    violations: problems,
  }),
};

export const groupsAtTheEnd: Invariant = {
  name: 'groups-at-the-end',
  means: 'every consumer group has committed all of its topics',
  judge: ({ lags, partitions }) => ({ looked: partitions, at: 'partitions', violations: lags }),
};

export const replicasHealthy: Invariant = {
  name: 'replicas-healthy',
  means: 'both replicas say that all is well',
  judge: ({ health }) => ({
    looked: health.length,
    at: 'replicas',
    violations: health
      .filter(({ status }) => status !== 'healthy')
      .map(({ replica, status, text }) => `${replica} is ${status}: ${text}`),
  }),
};

export const noOutcry: Invariant = {
  name: 'no-outcry',
  means: 'no replica ended by itself, none logged anything fatal or anything that is no log line',
  judge: ({ outcries, logLines }) => ({ looked: logLines, at: 'log lines', violations: outcries }),
};
