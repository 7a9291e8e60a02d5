import type { NodeBackends, NodeStepPage } from '../../api-answers/answers.js';

export type { Explanation, Node } from '../../api-answers/answers.js';
export type Backends = NodeBackends;
export type Backend = NodeBackends['consul'];
export type StepsPage = NodeStepPage;
export type Step = NodeStepPage['items'][number];
export type StepOutput = Step['outputs'][number];
export type Payload = Step['payload'];
