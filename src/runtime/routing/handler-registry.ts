/** Anything that a contract can name as a handler. */
export type NamedHandler = { readonly id: string };

/** Handlers by id, filled while the modules start and frozen before the first message. */
export class HandlerRegistry<H extends NamedHandler = NamedHandler> {
  private readonly handlers = new Map<string, H>();
  private frozen = false;

  /** Throws on an id that is taken, and after {@link freeze}. */
  registerHandler(handler: H): void {
    this.assertOpen(`register the handler ${handler.id}`);
    if (this.handlers.has(handler.id)) {
      throw new Error(`a handler with the id ${handler.id} is registered already: give this one another id`);
    }
    this.handlers.set(handler.id, handler);
  }

  /** Throws after {@link freeze}; returns whether there was one. */
  unregisterHandler(id: string): boolean {
    this.assertOpen(`unregister the handler ${id}`);
    return this.handlers.delete(id);
  }

  getHandlerById(id: string): H | undefined {
    return this.handlers.get(id);
  }

  getHandlers(): readonly H[] {
    return [...this.handlers.values()];
  }

  /** From here on nothing changes any more, and routing may begin. */
  freeze(): void {
    this.frozen = true;
  }

  get handlerCount(): number {
    return this.handlers.size;
  }

  get isFrozen(): boolean {
    return this.frozen;
  }

  private assertOpen(what: string): void {
    if (this.frozen)
      throw new Error(`cannot ${what}: the registry is frozen, handlers are registered while modules start`);
  }
}
