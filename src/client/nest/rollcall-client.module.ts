import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Member } from '../member.js';
import { Membership } from '../membership.js';
import type { JoinOptions } from '../options.js';
import { settle } from '../settled.js';

export type RollcallClientAsyncOptions = Pick<ModuleMetadata, 'imports'> & {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...injected: never[]) => JoinOptions | Promise<JoinOptions>;
};

const OPTIONS = Symbol('RollcallClientOptions');
const MEMBER = Symbol('RollcallMember');

/** What the module does with it, and nobody else. */
type Starting = { begin(): void; leave(): Promise<unknown> };

/**
 * A Nest application as a node: joins when it has started, and leaves first of all when it shuts down. Unless the options have a `ready` of
 * their own, it is ready as soon as its HTTP server listens, where it has one. `Membership` can be injected everywhere.
 * Call `app.enableShutdownHooks()`, as for every module that has something to do at the end.
 */
@Module({
  providers: [
    {
      provide: MEMBER,
      inject: [OPTIONS, HttpAdapterHost],
      useFactory: (options: JoinOptions, http: HttpAdapterHost) =>
        new Member(settle({ ...options, ready: options.ready ?? (() => isListening(http)) }, Date.now())),
    },
    { provide: Membership, useExisting: MEMBER },
  ],
  exports: [Membership],
})
export class RollcallClientModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(@Inject(MEMBER) private readonly member: Starting) {}

  /** Options as for `join`. */
  static forRoot(options: JoinOptions): DynamicModule {
    return withOptions({ provide: OPTIONS, useValue: options });
  }

  /** Options that are made from what can be injected, such as a configuration. */
  static forRootAsync({ imports, inject, useFactory }: RollcallClientAsyncOptions): DynamicModule {
    return withOptions({ provide: OPTIONS, inject: inject ?? [], useFactory: useFactory as never }, imports);
  }

  onApplicationBootstrap(): void {
    this.member.begin();
  }

  /** The earliest of all hooks: others stop to call a node before it stops to answer. */
  async onModuleDestroy(): Promise<void> {
    await this.member.leave();
  }
}

function withOptions(
  options: NonNullable<ModuleMetadata['providers']>[number],
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  return { module: RollcallClientModule, global: true, imports, providers: [options] };
}

/** A program without HTTP has no adapter. */
function isListening(http: { readonly httpAdapter?: unknown; readonly listening: boolean }): boolean {
  return http.httpAdapter === undefined || http.listening;
}
