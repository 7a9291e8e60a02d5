import type { OpenAPIObject } from '@nestjs/swagger';
import type { DocumentName } from './documents.js';
import { ANSWER_EXAMPLES, BODY_EXAMPLES, PARAMETER_EXAMPLES } from './openapi-examples.js';
import { ALWAYS, problemReference, WITH_BODY } from './openapi-problems.js';

type Paths = OpenAPIObject['paths'];
type Media = { readonly schema?: { readonly $ref?: string } };
type Content = Readonly<Record<string, Media>>;
type Response = { readonly $ref?: string; readonly content?: Content };
type Operation = {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
  readonly requestBody?: { readonly content: Content };
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
};

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const PROBLEM = 'application/problem+json';

/** Every operation with the answers that any request can come to, its problems said once for all, and examples; the statuses of problems. */
export function described(paths: Paths): { readonly paths: Paths; readonly statuses: readonly number[] } {
  const statuses = new Set<number>();
  const entries = Object.entries(paths).map(([path, item]) => {
    const operations = Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) => {
      if (!METHODS.includes(method)) return [method, operation];
      const answered = withProblems(operation);
      for (const status of answered.problems) statuses.add(status);
      return [method, withExamples(`${method} ${path}`, answered.operation)];
    });
    return [path, Object.fromEntries(operations) as unknown];
  });
  return { paths: Object.fromEntries(entries) as Paths, statuses: [...statuses].sort((one, other) => one - other) };
}

function withProblems(operation: Operation): { readonly operation: Operation; readonly problems: readonly number[] } {
  const own = Object.entries(operation.responses).filter(([, { content }]) => content?.[PROBLEM] === undefined);
  const told = Object.entries(operation.responses).filter(([, { content }]) => content?.[PROBLEM] !== undefined);
  const problems = new Set<number>([
    ...told.map(([status]) => Number(status)),
    ...ALWAYS,
    ...(operation.requestBody === undefined ? [] : WITH_BODY),
  ]);
  const sorted = [...problems].sort((one, other) => one - other);
  const responses: Operation['responses'] = {
    ...Object.fromEntries(own),
    ...Object.fromEntries(sorted.map((status) => [String(status), problemReference(status)])),
  };
  return { operation: { ...operation, responses }, problems: sorted };
}

function withExamples(name: string, operation: Operation): Operation {
  const { requestBody, parameters } = operation;
  const responses = Object.entries(operation.responses).map(([status, response]) => [
    status,
    withAnswerExample(response),
  ]);
  const bodyExample = BODY_EXAMPLES[name];
  return {
    ...operation,
    responses: Object.fromEntries(responses) as Operation['responses'],
    ...(parameters === undefined ? {} : { parameters: parameters.map(withParameterExample) }),
    ...(requestBody === undefined || bodyExample === undefined
      ? {}
      : { requestBody: { ...requestBody, content: mapped(requestBody.content, (media) => ({ ...media, example: bodyExample })) } }), // prettier-ignore
  };
}

function withAnswerExample(response: Response): Response {
  if (response.content === undefined) return response;
  const content = mapped(response.content, (media) => {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(media.schema?.$ref ?? '')?.[1];
    const example = ANSWER_EXAMPLES[name as DocumentName];
    return example === undefined ? media : { ...media, example };
  });
  return { ...response, content };
}

function withParameterExample<T extends { readonly name: string; readonly in: string }>(parameter: T): T {
  const example = PARAMETER_EXAMPLES[`${parameter.in} ${parameter.name}`];
  return example === undefined ? parameter : { ...parameter, example };
}

function mapped(content: Content, change: (media: Media) => Media): Content {
  return Object.fromEntries(Object.entries(content).map(([type, media]) => [type, change(media)]));
}
