/**
 * A Nest application that is a node. With Rollcall started by `npm start`: `node examples/nest-application.mjs`; Ctrl-C says goodbye.
 * In TypeScript the decorators stand before the classes. Environment: NODE_ID, ROLLCALL_URL, PORT.
 */
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Membership, RollcallClientModule } from 'rollcall/client/nest';
import { narrate } from './narrate.mjs';

class GreetingController {
  greet() {
    return 'hello';
  }
}
Controller()(GreetingController);
Get()(GreetingController.prototype, 'greet', Object.getOwnPropertyDescriptor(GreetingController.prototype, 'greet'));

class AppModule {}
Module({
  controllers: [GreetingController],
  imports: [
    RollcallClientModule.forRoot({
      nodeId: process.env.NODE_ID ?? 'greeter-nest',
      nodeType: 'effect',
      nodeVersion: '1.0.0',
      capabilities: ['greet'],
      registry: { url: process.env.ROLLCALL_URL ?? 'http://127.0.0.1:3000' },
    }),
  ],
})(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
app.enableShutdownHooks();
narrate(app.get(Membership));
await app.listen(process.env.PORT ?? 0, '127.0.0.1');
