/** What the program does with the tables of the registry database, and with those of the embedded catalog. */
export const registryPrivileges = { node_registrations: ['SELECT', 'INSERT', 'UPDATE'] } as const;

export const catalogPrivileges = {
  catalog_index: ['SELECT', 'UPDATE'],
  catalog_nodes: ['SELECT', 'INSERT'],
  catalog_services: ['SELECT', 'INSERT', 'UPDATE'],
} as const;
