/** All that a migration of the registry database may ask of TypeORM's QueryRunner, so that it runs without TypeORM as well. */
export type SqlRunner = { query(text: string): Promise<unknown> };
