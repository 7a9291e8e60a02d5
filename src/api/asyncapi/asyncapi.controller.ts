import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { asyncApiDocument } from './document.js';

/** What travels on Kafka, for programs; /openapi.json describes what travels by HTTP. */
@Controller()
@ApiExcludeController()
export class AsyncApiController {
  private document: ReturnType<typeof asyncApiDocument> | undefined;

  constructor(@Inject(API_OPTIONS) private readonly options: ApiOptions) {}

  /** Made when it is asked for first: most processes are never asked. */
  @Get('asyncapi.json')
  read(): unknown {
    return (this.document ??= asyncApiDocument(this.options));
  }
}
