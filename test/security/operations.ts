/** An operation of the OpenAPI document, with who may use it. */
export type Operation = {
  /** `GET /v1/nodes`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Null: everybody. Empty: whoever has credentials. Else one of these, or one that may more. */
  readonly roles: readonly string[] | null;
};

type Document = {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly security?: readonly Readonly<Record<string, readonly string[]>>[] }>>
    >
  >;
};

export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries((document as Document).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      roles: security === undefined ? null : security.flatMap((scheme) => scheme['bearer'] ?? ['no such scheme']),
    })),
  );
}
