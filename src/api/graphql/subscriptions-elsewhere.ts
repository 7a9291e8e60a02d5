import { GraphQLError, OperationTypeNode, type ASTVisitor, type ValidationContext } from 'graphql';

/** A request over HTTP has one answer. */
export function subscriptionsElsewhere(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const message =
        'Subscriptions are taken over a WebSocket (graphql-transport-ws), or as server-sent events at /v1/events';
      context.reportError(new GraphQLError(message, { nodes: operation }));
    },
  };
}
