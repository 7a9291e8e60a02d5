import { describe, expect, it } from '@jest/globals';
import { TaskCancelledError } from 'cockatiel';
import { errors } from 'undici';
import { ConsulDenial, ConsulRefusal } from '../../src/registry-effect/consul/consul-errors.js';
import { classifyConsulError } from '../../src/registry-effect/consul/classify-consul-error.js';
import { classifyPostgresError, isServerAnswer } from '../../src/registry-effect/postgres/classify-postgres-error.js';

const coded = (code: string, extra: object = {}): Error => Object.assign(new Error(code), { code, ...extra });
const answer = (sqlState: string): Error => coded(sqlState, { severity: 'ERROR' });

describe('errors of Consul', () => {
  it.each([
    [new ConsulRefusal(400, ''), 'CONSUL_VALIDATION_ERROR'],
    [new ConsulRefusal(409, ''), 'CONSUL_VALIDATION_ERROR'],
    [new ConsulRefusal(413, ''), 'CONSUL_VALIDATION_ERROR'],
    [new ConsulRefusal(401, ''), 'CONSUL_AUTH_ERROR'],
    [new ConsulRefusal(403, ''), 'CONSUL_AUTH_ERROR'],
    [new ConsulDenial('Permission denied'), 'CONSUL_AUTH_ERROR'],
    [new ConsulRefusal(429, ''), 'CONSUL_CONNECTION_ERROR'],
    [new ConsulRefusal(500, ''), 'CONSUL_CONNECTION_ERROR'],
    [new ConsulRefusal(503, ''), 'CONSUL_CONNECTION_ERROR'],
    [new ConsulRefusal(404, ''), 'CONSUL_CONNECTION_ERROR'],
    [new ConsulRefusal(301, ''), 'CONSUL_CONNECTION_ERROR'],
    [new ConsulRefusal(504, ''), 'CONSUL_TIMEOUT_ERROR'],
    [new TaskCancelledError('timed out'), 'CONSUL_TIMEOUT_ERROR'],
    [new errors.ConnectTimeoutError('x'), 'CONSUL_TIMEOUT_ERROR'],
    [new errors.SocketError('other side closed'), 'CONSUL_CONNECTION_ERROR'],
    [coded('ECONNREFUSED'), 'CONSUL_CONNECTION_ERROR'],
    [coded('ENOTFOUND'), 'CONSUL_CONNECTION_ERROR'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'CONSUL_CONNECTION_ERROR'],
    [coded('HPE_INVALID_CONSTANT'), 'CONSUL_CONNECTION_ERROR'],
    [coded('ERR_INVALID_ARG_TYPE'), 'CONSUL_UNKNOWN_ERROR'],
    [new TypeError('x is not a function'), 'CONSUL_UNKNOWN_ERROR'],
    ['thrown text', 'CONSUL_UNKNOWN_ERROR'],
  ])('%s is %s', (error, code) => expect(classifyConsulError(error)).toBe(code));
});

describe('errors of PostgreSQL', () => {
  it.each([
    [answer('22P02'), 'POSTGRES_VALIDATION_ERROR'],
    [answer('23514'), 'POSTGRES_VALIDATION_ERROR'],
    [answer('54000'), 'POSTGRES_VALIDATION_ERROR'],
    [answer('28P01'), 'POSTGRES_AUTH_ERROR'],
    [answer('42501'), 'POSTGRES_AUTH_ERROR'],
    [answer('42P01'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('42703'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('3D000'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('40P01'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('53300'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('57P03'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('25006'), 'POSTGRES_CONNECTION_ERROR'],
    [answer('57014'), 'POSTGRES_TIMEOUT_ERROR'],
    [answer('55P03'), 'POSTGRES_TIMEOUT_ERROR'],
    [answer('XX000'), 'POSTGRES_UNKNOWN_ERROR'],
    [answer('P0001'), 'POSTGRES_UNKNOWN_ERROR'],
    [coded('EPIPE'), 'POSTGRES_CONNECTION_ERROR'], // five letters too, but no SQLSTATE
    [coded('ECONNRESET'), 'POSTGRES_CONNECTION_ERROR'],
    [coded('ETIMEDOUT'), 'POSTGRES_TIMEOUT_ERROR'],
    [coded('ERR_INVALID_ARG_TYPE'), 'POSTGRES_UNKNOWN_ERROR'],
    [new TaskCancelledError('timed out'), 'POSTGRES_TIMEOUT_ERROR'],
    [new Error('timeout exceeded when trying to connect'), 'POSTGRES_TIMEOUT_ERROR'],
    [new Error('Connection terminated unexpectedly'), 'POSTGRES_CONNECTION_ERROR'],
    [new Error('Cannot use a pool after calling end on the pool'), 'POSTGRES_CONNECTION_ERROR'],
    [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), 'POSTGRES_AUTH_ERROR'],
    [new TypeError('x is not a function'), 'POSTGRES_UNKNOWN_ERROR'],
    [undefined, 'POSTGRES_UNKNOWN_ERROR'],
  ])('%s is %s', (error, code) => expect(classifyPostgresError(error)).toBe(code));

  it('tells which connections can be used again', () => {
    expect(['23514', '42P01', '57014'].map((state) => isServerAnswer(answer(state)))).toEqual([true, true, true]);
    expect(isServerAnswer(answer('57P01'))).toBe(false);
    expect(isServerAnswer(coded('EPIPE'))).toBe(false);
    expect(isServerAnswer(new TaskCancelledError('timed out'))).toBe(false);
  });
});
