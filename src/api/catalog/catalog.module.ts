import { Module } from '@nestjs/common';
import { CatalogReader } from '../read/catalog.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogWatch } from './catalog-watch.js';

/** Reads of the embedded catalog in Consul's own words. Needs BUS and STATE_DATABASE from a global module. */
@Module({ controllers: [CatalogController], providers: [CatalogReader, CatalogWatch] })
export class CatalogModule {}
