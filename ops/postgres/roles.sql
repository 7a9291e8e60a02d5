-- Once, as an administrator: the owner of the tables, who makes and changes them (MIGRATE=only), and the role that the registry runs as.
-- Set the passwords afterwards, by \password in psql, so that they stand in no file and no log.
create role rollcall_owner login;
create role rollcall_app login;
create database rollcall owner rollcall_owner;
revoke all on database rollcall from public;
grant connect on database rollcall to rollcall_owner, rollcall_app;
